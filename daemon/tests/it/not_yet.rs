//! A provider that does not know yet what it gave out a moment ago.

use domain::FailureKind;
use serde_json::{Value, json};
use testkit::IMPLEMENT;

use crate::support::{BRANCH, Scene, Setup};

async fn prepared() -> (Scene, Setup) {
    let setup = Setup::new(IMPLEMENT, "echo hello > greeting.txt");
    (Scene::prepare(&setup).await, setup)
}

#[tokio::test]
async fn a_token_that_git_does_not_know_yet_is_shown_again() {
    for status in [401, 403, 404] {
        let (mut scene, setup) = prepared().await;
        scene.hub.state.lock().git_refusals = vec![status; 3];
        scene.run(setup);
        assert_eq!(scene.pull().await.0.branch, BRANCH, "{status}");
    }
}

#[tokio::test]
async fn a_push_that_is_not_allowed_yet_is_made_again() {
    for status in [401, 403, 404] {
        let (mut scene, setup) = prepared().await;
        scene.hub.state.lock().push_refusals = vec![status; 3];
        scene.run(setup);
        assert_eq!(scene.pull().await.0.branch, BRANCH, "{status}");
    }
}

#[tokio::test]
async fn a_branch_that_the_api_does_not_know_yet_is_proposed_again() {
    let invalid = json!({"message": "Validation Failed", "errors": [{"resource": "PullRequest", "field": "head", "code": "invalid"}]});
    let nothing = json!({"message": "Validation Failed", "errors": [{"resource": "PullRequest", "code": "custom", "message": "No commits between main and x"}]});
    let plain = |text: &str| json!({ "message": text });
    let answers: [(u16, Value); 5] = [
        (422, invalid),
        (422, nothing),
        (401, plain("Bad credentials")),
        (403, plain("Resource not accessible by integration")),
        (404, plain("Not Found")),
    ];
    for answer in answers {
        let (mut scene, setup) = prepared().await;
        scene.hub.state.lock().pull_failures = vec![answer.clone(); 2];
        scene.run(setup);
        assert_eq!(scene.pull().await.0.branch, BRANCH, "{answer:?}");
    }
}

#[tokio::test]
async fn what_stays_unknown_fails_in_the_end() {
    let (mut scene, setup) = prepared().await;
    scene.hub.state.lock().git_refusals = vec![404; 99];
    scene.run(setup);
    assert_eq!(scene.failure().await, FailureKind::CloneFailed);
}

#[tokio::test]
async fn a_no_to_the_operators_token_is_a_no_at_once_and_names_it() {
    // Git asks by itself once more where it is told that it did not say who it is.
    for (status, left) in [(401, 97), (403, 98), (404, 98)] {
        let (mut scene, setup) = prepared().await;
        scene
            .platform
            .change(|state| state.operators_token = Some("words-of-the-operator"));
        scene.hub.state.lock().git_refusals = vec![status; 99];
        scene.run(setup);
        let failure = scene.failure().await;
        assert_eq!(failure, FailureKind::OperatorTokenRefused, "{status}");
        let unused = scene.hub.state.lock().git_refusals.len();
        assert_eq!(unused, left, "{status}: it is asked with once");
    }
}
