//! From an issue to a draft pull request.

use contract::worker::FinishRequest;
use domain::{Cost, Deliverable, FailureKind, Outcome, PullRequest, Stage};
use testkit::IMPLEMENT;

use crate::support::{BRANCH, Scene, Setup, git};

/// Does what is asked, and says so.
const GOOD: &str = r#"
echo '{"type":"step","text":"Changing the greeting"}'
cat > "$SCENE/stdin"
env > "$SCENE/env"
echo hello > greeting.txt
echo new > new.txt
printf 'Say hello\n\nThe greeting was wrong.\n' > "$SWITCHYARD_OUTPUT/summary.md"
echo 'this is only for the log'
echo '{"type":"result","cost_usd":0.25}'
"#;

fn pull(request: FinishRequest) -> PullRequest {
    match request.outcome {
        Outcome::Succeeded {
            deliverable: Deliverable::PullRequest(pull),
        } => pull,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_issue_becomes_a_draft_pull_request() {
    let scene = Scene::start(Setup::new(IMPLEMENT, GOOD)).await;
    let finished = scene.finished().await;
    assert_eq!(finished.spent.cost, Some(Cost(250_000)));
    let pull = pull(finished);
    assert_eq!((pull.number.0, pull.branch.as_str()), (100, BRANCH));
    assert_eq!(scene.hub.branches(), ["main", BRANCH]);
    assert_eq!(scene.hub.file(BRANCH, "greeting.txt"), "hello\n");
    assert_eq!(scene.hub.file(BRANCH, "new.txt"), "new\n");
    let show = ["log", "-1", "--format=%an|%ae|%cn|%ce|%P%n%B", BRANCH];
    let commit = git(&scene.hub.repository(), &show);
    let base = git(&scene.hub.repository(), &["rev-parse", "main"]);
    let bot = "switchyard[bot]|42+switchyard[bot]@users.noreply.localhost";
    assert!(
        commit.starts_with(&format!("{bot}|{bot}|{base}Say hello\n\nRefs #7\n\n")),
        "{commit}"
    );
    let payload = scene.platform.look(|state| state.payload.clone().unwrap());
    assert!(commit.contains(&format!("Switchyard-Run: {}\n", payload.run)));
    assert!(commit.contains(&format!("Switchyard-Trace: {}\n", payload.trace)));
    let sent = scene.hub.state.lock().pulls[0].clone();
    assert_eq!(
        (&sent["draft"], &sent["base"]),
        (&true.into(), &"main".into())
    );
    assert_eq!(sent["title"], "Say hello");
    let body = sent["body"].as_str().unwrap();
    assert!(
        body.starts_with("The greeting was wrong.\n") && body.contains("Closes #7"),
        "{body}"
    );
}

#[tokio::test]
async fn the_way_is_told_in_its_order() {
    let scene = Scene::start(Setup::new(IMPLEMENT, GOOD)).await;
    scene.finished().await;
    let events = scene.platform.look(|state| state.events.clone());
    let mut stages: Vec<Stage> = events.iter().map(|event| event.stage).collect();
    stages.dedup();
    let all = [
        Stage::Cloning,
        Stage::Working,
        Stage::Checking,
        Stage::Pushing,
        Stage::Opening,
    ];
    assert_eq!(stages, all);
    let step = events
        .iter()
        .find(|event| event.text == "Changing the greeting");
    assert_eq!(step.map(|event| event.stage), Some(Stage::Working));
    assert!(
        !events
            .iter()
            .any(|event| event.text.contains("only for the log"))
    );
}

#[tokio::test]
async fn the_agent_gets_the_prompt_and_no_more_than_it_needs() {
    let scene = Scene::start(Setup::new(IMPLEMENT, GOOD)).await;
    scene.finished().await;
    let prompt = scene.told("stdin");
    assert!(prompt.starts_with("Change the code") && prompt.contains("It says goodbye."));
    let environment = scene.told("env");
    let names: Vec<&str> = environment
        .lines()
        .filter_map(|line| Some(line.split_once('=')?.0))
        .collect();
    for name in &names {
        let known = [
            "PATH", "HOME", "LANG", "TMPDIR", "PWD", "SHLVL", "_", "OLDPWD",
        ]
        .contains(name);
        assert!(
            known || name.starts_with("GIT_") || name.starts_with("SWITCHYARD_"),
            "{name}"
        );
    }
    assert!(environment.contains("SWITCHYARD_DEFINITION=implement\n"));
    assert!(environment.contains("SWITCHYARD_ISSUE_NUMBER=7\n"));
    assert!(!environment.contains("token"));
}

#[tokio::test]
async fn no_change_is_a_failure_and_says_so() {
    let scene = Scene::start(Setup::new(IMPLEMENT, "exit 0")).await;
    assert_eq!(scene.failure().await, FailureKind::NoChange);
    assert_eq!(scene.hub.branches(), ["main"]);
    assert!(scene.hub.state.lock().pulls.is_empty());
}

#[tokio::test]
async fn failed_checks_make_it_incomplete_with_the_draft_still_there() {
    let check = |script: &str| Some(["/bin/sh", "-c", script].map(str::to_owned).to_vec());
    let failing = "grep -q hello greeting.txt && echo left > behind.txt && exit 3";
    let setup = Setup {
        check: check(failing),
        ..Setup::new(IMPLEMENT, GOOD)
    };
    let scene = Scene::start(setup).await;
    let Outcome::Incomplete {
        failure,
        deliverable: Deliverable::PullRequest(_),
    } = scene.finished().await.outcome
    else {
        panic!("the checks failed");
    };
    assert_eq!(failure.kind(), FailureKind::ChecksFailed);
    let body = scene.hub.state.lock().pulls[0]["body"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(body.contains("The checks failed."), "{body}");
    let files = git(&scene.hub.repository(), &["ls-tree", "--name-only", BRANCH]);
    assert!(!files.contains("behind.txt"), "{files}");

    let setup = Setup {
        check: check("exit 0"),
        ..Setup::new(IMPLEMENT, GOOD)
    };
    let scene = Scene::start(setup).await;
    pull(scene.finished().await);
    assert!(
        scene.hub.state.lock().pulls[0]["body"]
            .as_str()
            .unwrap()
            .contains("The checks passed.")
    );
}
