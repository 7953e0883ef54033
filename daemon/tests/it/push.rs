//! The provider's side of things.

use domain::{Deliverable, FailureKind, Outcome};
use serde_json::json;
use testkit::IMPLEMENT;

use crate::support::{BRANCH, Scene, Setup, git};

const GOOD: &str = "echo hello > greeting.txt";

async fn prepared() -> (Scene, Setup) {
    let setup = Setup::new(IMPLEMENT, GOOD);
    (Scene::prepare(&setup).await, setup)
}

#[tokio::test]
async fn a_refused_push_is_told_and_no_draft_is_opened() {
    let (mut scene, setup) = prepared().await;
    scene.hub.refuse_pushes("protected");
    scene.run(setup);
    assert_eq!(scene.failure().await, FailureKind::BranchRules);
    assert_eq!(scene.hub.branches(), ["main"]);
    assert!(scene.hub.state.lock().pulls.is_empty());
}

#[tokio::test]
async fn a_second_attempt_takes_over_branch_and_draft_of_the_first() {
    let (mut scene, setup) = prepared().await;
    let run = scene
        .platform
        .look(|state| state.payload.as_ref().unwrap().run);
    scene.hub.change(&format!(
        "git checkout -q -b {BRANCH}; \
         GIT_COMMITTER_NAME='switchyard[bot]' git commit -q --allow-empty -m 'first attempt' -m 'Switchyard-Run: {run}'; \
         git checkout -q main"
    ));
    scene.hub.state.lock().pulls.push(json!({"head": BRANCH}));
    scene.run(setup);
    let finished = scene.finished().await;
    let Outcome::Succeeded {
        deliverable: Deliverable::PullRequest(pull),
    } = finished.outcome
    else {
        panic!("{finished:?}");
    };
    assert_eq!(pull.number.0, 100);
    assert_eq!(scene.hub.state.lock().pulls.len(), 1);
    assert_eq!(scene.hub.file(BRANCH, "greeting.txt"), "hello\n");
    let subjects = git(&scene.hub.repository(), &["log", "--format=%s", BRANCH]);
    assert_eq!(subjects, "Greeting is wrong\nfirst\n");
}

#[tokio::test]
async fn the_default_branch_and_odd_names_are_never_pushed_to() {
    for branch in ["main", "-x", "a..b", "x y", "a:refs/heads/main"] {
        let (mut scene, setup) = prepared().await;
        scene
            .platform
            .change(|state| branch.clone_into(&mut state.payload.as_mut().unwrap().branch));
        scene.run(setup);
        assert_eq!(scene.failure().await, FailureKind::PushRejected, "{branch}");
        assert_eq!(scene.hub.branches(), ["main"], "{branch}");
        assert_eq!(scene.hub.file("main", "greeting.txt"), "goodbye\n");
    }
}

#[tokio::test]
async fn a_provider_that_stumbles_is_asked_again() {
    let (mut scene, setup) = prepared().await;
    scene.hub.state.lock().git_failures = 2;
    scene.hub.state.lock().pull_failures = vec![(502, json!({"message": "no"}))];
    scene.platform.change(|state| {
        let slug = contract::Slug::UNAVAILABLE;
        state.failures = vec![("git-token", 503, slug.clone()), ("events", 503, slug)];
    });
    scene.run(setup);
    let finished = scene.finished().await;
    assert!(
        matches!(finished.outcome, Outcome::Succeeded { .. }),
        "{finished:?}"
    );
    assert_eq!(scene.hub.state.lock().pulls.len(), 1);
}

#[tokio::test]
async fn a_refused_draft_is_told() {
    let (mut scene, setup) = prepared().await;
    scene.hub.state.lock().pull_failures = vec![(403, json!({"message": "no"})); 9];
    scene.run(setup);
    assert_eq!(scene.failure().await, FailureKind::PullRequestRefused);
}

#[tokio::test]
async fn a_repository_that_cannot_be_cloned_is_told() {
    let (mut scene, setup) = prepared().await;
    std::fs::remove_dir_all(scene.hub.repository()).unwrap();
    scene.run(setup);
    assert_eq!(scene.failure().await, FailureKind::CloneFailed);
    let (mut scene, setup) = prepared().await;
    let slug = contract::Slug::INVALID_REQUEST;
    scene
        .platform
        .change(|state| state.always = vec![("git-token", 400, slug)]);
    scene.run(setup);
    assert_eq!(scene.failure().await, FailureKind::CloneFailed);
}
