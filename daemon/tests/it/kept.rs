//! What may not be pushed or proposed costs no other work.

use std::num::NonZeroU32;

use domain::FailureKind;
use switchyard_daemon::History;
use testkit::IMPLEMENT;

use crate::support::{BRANCH, Scene, Setup, git};

/// Changes four files, each of which a provider may refuse but the first.
const AGENT: &str = r"
    echo hello > greeting.txt
    mkdir -p ci 'some dir' conf
    echo 'on: push' > ci/flow.yml
    echo large > 'some dir/large.bin'
    echo secret > conf/prod.env
";
const FORBIDDEN: (&str, &str) = (
    "ci/flow.yml",
    "refusing to allow a GitHub App to create or update workflow `ci/flow.yml` without `workflows` permission",
);
const TOO_LARGE: (&str, &str) = (
    "some dir/large.bin",
    "error: File some dir/large.bin is 123.00 MB; this exceeds GitHub's file size limit of 100.00 MB\nerror: GH001: Large files detected.",
);
const SECRET: (&str, &str) = (
    "conf/prod.env",
    "error: GH013: Repository rule violations found for refs/heads/x.\n- Push cannot contain secrets\n  path: conf/prod.env:3",
);

async fn refused(agent: &str, files: &[(&str, &str)]) -> Scene {
    let setup = Setup {
        // What checks leave behind is no part of the change, however often it is made.
        check: Some(
            ["/bin/sh", "-c", "echo left | tee greeting.txt > behind.txt"]
                .map(str::to_owned)
                .to_vec(),
        ),
        ..Setup::new(IMPLEMENT, agent)
    };
    let mut scene = Scene::prepare(&setup).await;
    scene.hub.refuse_files(files);
    scene.run(setup);
    scene
}

fn changed(scene: &Scene) -> String {
    let names = ["diff", "--name-only", "main", BRANCH];
    git(&scene.hub.repository(), &names).replace('\n', ",")
}

#[tokio::test]
async fn a_file_that_the_provider_refuses_is_left_out_and_the_rest_is_proposed() {
    for (file, kind, name, rest) in [
        (
            FORBIDDEN,
            FailureKind::ProtectedFiles,
            "ci/flow.yml",
            "conf/prod.env,greeting.txt,some dir/large.bin,",
        ),
        (
            TOO_LARGE,
            FailureKind::FilesTooLarge,
            "some dir/large.bin (at most 100 MB)",
            "ci/flow.yml,conf/prod.env,greeting.txt,",
        ),
        (
            SECRET,
            FailureKind::CredentialsFound,
            "conf/prod.env (a secret, as GitHub says)",
            "ci/flow.yml,greeting.txt,some dir/large.bin,",
        ),
    ] {
        let scene = refused(AGENT, &[file]).await;
        let (pull, missing) = scene.pull().await;
        let missing = missing.unwrap();
        assert_eq!((pull.branch.as_str(), missing.kind()), (BRANCH, kind));
        assert_eq!(missing.names(), [name]);
        assert_eq!(changed(&scene), rest);
        assert_eq!(scene.hub.file(BRANCH, "greeting.txt"), "hello\n");
        let commits = format!("main..{BRANCH}");
        let commits = git(&scene.hub.repository(), &["rev-list", "--count", &commits]);
        assert_eq!(commits, "1\n");
        let body = scene.hub.state.lock().pulls[0]["body"].to_string();
        let said = format!("{} Left out: `{name}`.", kind.reason());
        assert!(body.contains(&said), "{body}");
    }
}

#[tokio::test]
async fn refusals_that_come_one_after_the_other_are_all_told() {
    let scene = refused(AGENT, &[FORBIDDEN, TOO_LARGE, SECRET]).await;
    let (_, missing) = scene.pull().await;
    assert_eq!(missing.unwrap().kind(), FailureKind::ProtectedFiles);
    assert_eq!(changed(&scene), "greeting.txt,");
    let body = scene.hub.state.lock().pulls[0]["body"].to_string();
    for file in ["ci/flow.yml", "some dir/large.bin", "conf/prod.env"] {
        assert!(body.contains(file), "{file}: {body}");
    }
}

#[tokio::test]
async fn refusals_without_end_end() {
    let fourth =
        "error: File greeting.txt is 123.00 MB; this exceeds GitHub's file size limit of 100.00 MB";
    let files = [FORBIDDEN, TOO_LARGE, SECRET, ("greeting.txt", fourth)];
    let agent = format!("{AGENT}echo more > more.txt");
    let scene = refused(&agent, &files).await;
    let failure = scene.whole_failure().await;
    assert_eq!(failure.kind(), FailureKind::FilesTooLarge);
    assert_eq!(failure.names(), ["greeting.txt (at most 100 MB)"]);
    assert_eq!(scene.hub.branches(), ["main"]);
}

#[tokio::test]
async fn where_nothing_is_left_the_files_are_named() {
    let agent = "mkdir conf; echo secret > conf/prod.env";
    let scene = refused(agent, &[SECRET]).await;
    let failure = scene.whole_failure().await;
    assert_eq!(failure.kind(), FailureKind::CredentialsFound);
    assert_eq!(
        failure.names(),
        ["conf/prod.env (a secret, as GitHub says)"]
    );
    assert_eq!(scene.hub.branches(), ["main"]);
}

#[tokio::test]
async fn work_of_an_agent_that_failed_is_kept_without_what_is_refused() {
    let agent = format!("{AGENT}exit 3");
    let scene = refused(&agent, &[TOO_LARGE]).await;
    let failure = scene.whole_failure().await;
    assert_eq!(failure.kind(), FailureKind::AgentFailed);
    assert_eq!(failure.branch(), Some(BRANCH));
    assert_eq!(changed(&scene), "ci/flow.yml,conf/prod.env,greeting.txt,");
}

#[tokio::test]
async fn a_credential_that_is_found_here_costs_only_its_file() {
    let agent = r#"
        key=$(printf 'AKIA%s' ABCDEFGHIJKLMNOP)
        echo hello > greeting.txt
        echo "key = $key" > 'a b.ini'
        printf 'key = %s\n' "$key" > "$(printf 'l\351\tk')"
    "#;
    let scene = refused(agent, &[]).await;
    let missing = scene.pull().await.1.unwrap();
    assert_eq!(missing.kind(), FailureKind::CredentialsFound);
    assert_eq!(
        missing.names(),
        [
            "a b.ini (a cloud's key)",
            "l\u{FFFD}\u{FFFD}k (a cloud's key)"
        ]
    );
    assert_eq!(changed(&scene), "greeting.txt,");
}

#[tokio::test]
async fn a_change_that_nobody_would_read_is_kept_and_not_proposed() {
    for (agent, name) in [
        ("seq 12000 > long.txt", "at most 10000 lines"),
        (
            "for i in $(seq 301); do echo $i > file-$i; done",
            "301 files (at most 300)",
        ),
    ] {
        let scene = refused(agent, &[]).await;
        let failure = scene.whole_failure().await;
        assert_eq!(failure.kind(), FailureKind::ChangeTooLarge);
        assert_eq!(failure.names(), [name]);
        assert_eq!(failure.branch(), Some(BRANCH));
        assert!(!changed(&scene).is_empty());
        assert!(scene.hub.state.lock().pulls.is_empty());
    }
}

/// Changes a workflow of the default branch, and whatever else, while the agent is at work.
fn meanwhile(script: &str) -> String {
    format!(
        r#"
        (
            cd "$SCENE/hub/seed"; mkdir -p .github/workflows; echo 'on: push' > .github/workflows/ci.yml; {script}
            git add -A; git -c user.name=ada -c user.email=a@b commit -q -m theirs
            cd ../octo/widgets.git; git fetch -q ../../seed main:main
        )
        echo ours >> README.md
        "#
    )
}

const WORKFLOW: (&str, &str) = (
    ".github/workflows/ci.yml",
    "refusing to allow a GitHub App to create or update workflow `.github/workflows/ci.yml` without `workflows` permission",
);

#[tokio::test]
async fn a_change_goes_onto_workflows_that_changed_meanwhile() {
    for history in [History::Whole, History::Newest(NonZeroU32::MIN)] {
        let agent = meanwhile("echo theirs > theirs.txt");
        let setup = Setup {
            history,
            ..Setup::new(IMPLEMENT, &agent)
        };
        let mut scene = Scene::prepare(&setup).await;
        scene.hub.refuse_files(&[WORKFLOW]);
        scene.run(setup);
        assert_eq!(scene.pull().await.1, None);
        assert_eq!(changed(&scene), "README.md,");
        let parent = format!("{BRANCH}^");
        let tips = ["rev-parse", "main", &parent];
        let tips = git(&scene.hub.repository(), &tips);
        let (main, parent) = tips.trim().split_once('\n').unwrap();
        assert_eq!(main, parent);
        assert_eq!(scene.hub.file(BRANCH, "README.md"), "Widgets.\nours\n");
    }
}

#[tokio::test]
async fn where_a_change_does_not_fit_onto_new_workflows_that_is_said() {
    let agent = meanwhile("echo theirs >> README.md");
    let scene = refused(&agent, &[WORKFLOW]).await;
    let failure = scene.whole_failure().await;
    assert_eq!(failure.kind(), FailureKind::WorkflowsChanged);
    assert_eq!(failure.names(), [".github/workflows/ci.yml"]);
    assert_eq!(scene.hub.branches(), ["main"]);
    // Where the branch has not moved, there is another reason.
    let scene = refused("echo ours >> README.md", &[("README.md", WORKFLOW.1)]).await;
    let failure = scene.whole_failure().await;
    assert_eq!(failure.kind(), FailureKind::PushRejected);
}
