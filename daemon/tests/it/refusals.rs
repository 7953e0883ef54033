//! Refusals that have a way out, and words for those that have none.

use domain::FailureKind;
use serde_json::json;
use testkit::IMPLEMENT;

use crate::support::{BRANCH, Scene, Setup};

const FLAT: &str = "switchyard-issue-7";

async fn prepared() -> (Scene, Setup) {
    let setup = Setup::new(IMPLEMENT, "echo hello > greeting.txt");
    (Scene::prepare(&setup).await, setup)
}

#[tokio::test]
async fn where_there_are_no_drafts_an_ordinary_pull_request_is_opened() {
    let (mut scene, setup) = prepared().await;
    let no = json!({"message": "Draft pull requests are not supported in this repository."});
    scene.hub.state.lock().pull_failures = vec![(422, no)];
    scene.run(setup);
    assert_eq!(scene.pull().await.1, None);
    let sent = scene.hub.state.lock().pulls[0].clone();
    assert_eq!(sent["draft"], false);
    assert!(sent["body"].as_str().unwrap().contains("has no drafts"));
}

#[tokio::test]
async fn a_branch_in_the_way_means_another_name() {
    // One is named like the folder of ours, one has our own name for a folder.
    for branch in ["switchyard", "switchyard/issue-7/x"] {
        let (mut scene, setup) = prepared().await;
        scene.hub.change(&format!("git branch {branch}"));
        scene.run(setup);
        assert_eq!(scene.pull().await.0.branch, FLAT, "{branch}");
        assert_eq!(scene.hub.file(FLAT, "greeting.txt"), "hello\n");
        assert!(scene.hub.branches().contains(&branch.to_owned()));
    }
}

#[tokio::test]
async fn when_every_name_is_taken_that_is_said() {
    let (mut scene, setup) = prepared().await;
    scene.hub.change(&format!(
        "git commit -q --allow-empty -m theirs; \
         for name in {BRANCH} {FLAT} {FLAT}-2 {FLAT}-3; do git branch $name; done; git reset -q --hard HEAD^"
    ));
    scene.run(setup);
    assert_eq!(scene.failure().await, FailureKind::BranchTaken);
}

#[tokio::test]
async fn what_somebody_else_pushed_to_the_runs_branch_stays() {
    for (what, theirs) in [
        ("on top", "git commit -q --allow-empty -m theirs"),
        (
            "amended",
            "echo theirs > theirs.txt; git add -A; git commit -q --amend --no-edit",
        ),
    ] {
        let (mut scene, setup) = prepared().await;
        let run = scene
            .platform
            .look(|state| state.payload.as_ref().unwrap().run);
        scene.hub.change(&format!(
            "git checkout -q -b {BRANCH}; \
             GIT_COMMITTER_NAME='switchyard[bot]' git commit -q --allow-empty -m 'ours' -m 'Switchyard-Run: {run}'; \
             {theirs}; git tag theirs; git checkout -q main"
        ));
        scene.run(setup);
        let failure = scene.whole_failure().await;
        assert_eq!(failure.kind(), FailureKind::BranchChanged, "{what}");
        assert_eq!(failure.names(), [BRANCH], "{what}");
        let tips = ["rev-parse", BRANCH, "theirs"];
        let tips = crate::support::git(&scene.hub.repository(), &tips);
        let (branch, theirs) = tips.trim().split_once('\n').unwrap();
        assert_eq!(branch, theirs, "{what}");
    }
}

#[tokio::test]
async fn a_branch_of_somebody_else_is_left_alone() {
    let (mut scene, setup) = prepared().await;
    scene.hub.change(&format!(
        "git checkout -q -b {BRANCH}; git commit -q --allow-empty -m 'x' -m 'Switchyard-Run: run_another'; git checkout -q main"
    ));
    scene.run(setup);
    assert_eq!(scene.pull().await.0.branch, FLAT);
    let subject = ["log", "-1", "--format=%s", BRANCH];
    let subject = crate::support::git(&scene.hub.repository(), &subject);
    assert_eq!(subject, "x\n");
}

#[tokio::test]
async fn a_fork_of_the_same_owner_is_not_the_repository() {
    let (mut scene, setup) = prepared().await;
    for repo in [json!({"id": 2}), json!(null)] {
        let fork = json!({"head": BRANCH, "repo": repo});
        scene.hub.state.lock().pulls.push(fork);
    }
    scene.run(setup);
    assert_eq!(scene.pull().await.0.number.0, 102);
}

#[tokio::test]
async fn a_base_that_was_renamed_meanwhile_is_asked_for_again() {
    let unknown = json!({"message": "Validation Failed", "errors": [{"resource": "PullRequest", "field": "base", "code": "invalid"}]});
    let agent =
        "echo hello > greeting.txt; git -C \"$SCENE/hub/octo/widgets.git\" branch -m main trunk";
    let setup = Setup::new(IMPLEMENT, agent);
    let mut scene = Scene::prepare(&setup).await;
    scene.hub.state.lock().pull_failures = vec![(422, unknown.clone())];
    scene.run(setup);
    assert_eq!(scene.pull().await.1, None);
    assert_eq!(scene.hub.state.lock().pulls[0]["base"], "trunk");

    let (mut scene, setup) = prepared().await;
    scene.hub.state.lock().pull_failures = vec![(422, unknown)];
    scene.run(setup);
    let failure = scene.whole_failure().await;
    assert_eq!(failure.kind(), FailureKind::BaseGone);
    assert_eq!(failure.branch(), Some(BRANCH));
}

#[tokio::test]
async fn an_archived_repository_costs_no_work() {
    let setup = Setup::new(IMPLEMENT, "touch \"$SCENE/worked\"");
    let mut scene = Scene::prepare(&setup).await;
    scene.hub.state.lock().archived = true;
    scene.run(setup);
    assert_eq!(scene.failure().await, FailureKind::RepositoryArchived);
    assert!(!scene.folder.path().join("worked").exists());
}

#[tokio::test]
async fn what_a_push_is_refused_for_is_said() {
    for (words, kind, names) in [
        (
            "This repository was archived so it is read-only.",
            FailureKind::RepositoryArchived,
            &[][..],
        ),
        (
            "error: File a.bin is 123.00 MB; this exceeds GitHub's file size limit of 100.00 MB\nerror: GH001: Large files detected.",
            FailureKind::FilesTooLarge,
            &["a.bin (at most 100 MB)"],
        ),
        (
            "error: GH013: Repository rule violations found for refs/heads/x.\n- Push cannot contain secrets\n  path: conf/prod.env:3",
            FailureKind::CredentialsFound,
            &["conf/prod.env (a secret, as GitHub says)"],
        ),
        (
            "error: GH008: Your push referenced at least 1 unknown Git LFS object:",
            FailureKind::LargeFileStorage,
            &[],
        ),
        (
            "error: GH006: Protected branch update failed.",
            FailureKind::BranchRules,
            &[],
        ),
    ] {
        let (mut scene, setup) = prepared().await;
        scene.hub.refuse_pushes(words);
        scene.run(setup);
        let failure = scene.whole_failure().await;
        assert_eq!(
            (failure.kind(), failure.names()),
            (
                kind,
                &names
                    .iter()
                    .map(|name| (*name).to_owned())
                    .collect::<Vec<_>>()[..]
            ),
            "{words}"
        );
    }
}

#[tokio::test]
async fn a_rule_for_one_name_leaves_another() {
    let (mut scene, setup) = prepared().await;
    let rule = "error: GH013: Repository rule violations found for refs/heads/x.\n- Cannot create ref due to creations being restricted.";
    scene.hub.refuse_branches("switchyard/*", rule);
    scene.run(setup);
    assert_eq!(scene.pull().await.0.branch, FLAT);
    assert_eq!(scene.hub.branches(), ["main", FLAT]);
}

#[tokio::test]
async fn a_branch_without_its_pull_request_is_named() {
    let (mut scene, setup) = prepared().await;
    scene.hub.state.lock().pull_failures = vec![(422, json!({"message": "no"}))];
    scene.run(setup);
    let failure = scene.whole_failure().await;
    assert_eq!(failure.kind(), FailureKind::PullRequestRefused);
    assert_eq!(failure.branch(), Some(BRANCH));
    assert_eq!(scene.hub.file(BRANCH, "greeting.txt"), "hello\n");
}
