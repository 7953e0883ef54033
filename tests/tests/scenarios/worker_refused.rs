//! GitHub does not take what a job brings.

use domain::{FailureKind, RunState};
use simgithub::{Fault, FaultRule, Propagation};
use testkit::IMPLEMENT;

use crate::{
    support::{ADA, HONEST_AGENT, REPOSITORY, World},
    worker_support::PULLS,
};

/// Has the honest agent do a job while `rule` holds and waits for it to fail for this reason.
async fn fails(rule: FaultRule, kind: FailureKind) -> World {
    let world = World::start().await;
    world.github().faults().add(rule);
    let _daemon = world.daemon(HONEST_AGENT);
    world.comment(ADA, "bot:implement").await;
    let said = world.ends(IMPLEMENT, RunState::Failed, kind.reason()).await;
    assert!(said.contains(kind.solution()), "{said}");
    world.faults_struck().await;
    world.jobs_queue_holds(0).await;
    assert!(world.github().pulls(REPOSITORY).await.unwrap().is_empty());
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_that_is_rejected() {
    let rule = FaultRule::new("*/git-receive-pack", 1, Fault::PushRejected);
    let world = fails(rule, FailureKind::BranchRules).await;
    world.nothing_came_of_it().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pull_request_that_is_refused() {
    let rule = FaultRule::new(PULLS, 1, Fault::Status(422)).method("POST");
    fails(rule, FailureKind::PullRequestRefused).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_not_known_yet_is_no_hindrance() {
    let world = World::start().await;
    for (path, status) in [("*/info/refs", 403), ("*/git-receive-pack", 404)] {
        let rule = FaultRule::new(path, 1, Fault::Status(status));
        world.github().faults().add(rule);
    }
    let _daemon = world.daemon(HONEST_AGENT);
    world.comment(ADA, "bot:implement").await;
    world
        .ends(IMPLEMENT, RunState::Succeeded, "`implement` succeeded")
        .await;
    world.faults_struck().await;
    world.one_pull().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_protected_default_branch_is_no_hindrance() {
    let world = World::start().await;
    let github = world.github();
    github.set_protected(REPOSITORY, true).await.unwrap();
    let before = github.branch_head(REPOSITORY, "main").await.unwrap();
    let _daemon = world.daemon(HONEST_AGENT);
    world.comment(ADA, "bot:implement").await;
    world
        .ends(IMPLEMENT, RunState::Succeeded, "`implement` succeeded")
        .await;
    world.one_pull().await;
    let after = github.branch_head(REPOSITORY, "main").await.unwrap();
    assert_eq!(before, after);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pull_request_whose_answer_is_lost_is_opened_once() {
    let world = World::start().await;
    // The branch is known at once, so that the first try is the one that opens it.
    world.github().set_propagation(Propagation::default());
    let rule = FaultRule::new(PULLS, 1, Fault::LostAnswer).method("POST");
    world.github().faults().add(rule);
    let _daemon = world.daemon(HONEST_AGENT);
    world.comment(ADA, "bot:implement").await;
    world
        .ends(IMPLEMENT, RunState::Succeeded, "`implement` succeeded")
        .await;
    world.one_pull().await;
    assert_eq!(world.requests("POST", "/pulls"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_whose_answer_is_lost_and_a_github_that_stumbles_do_no_harm() {
    let world = World::start().await;
    for rule in [
        FaultRule::new("*/git-receive-pack", 1, Fault::LostAnswer),
        FaultRule::new(PULLS, 1, Fault::Status(502)).method("POST"),
    ] {
        world.github().faults().add(rule);
    }
    let _daemon = world.daemon(HONEST_AGENT);
    world.comment(ADA, "bot:implement").await;
    world
        .ends(IMPLEMENT, RunState::Succeeded, "`implement` succeeded")
        .await;
    world.faults_struck().await;
    world.one_pull().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_whose_checks_fail_is_a_draft_to_look_at() {
    let world = World::start().await;
    let check = [(
        "SWITCHYARD_CHECK_COMMAND",
        r#"["sh","-c","echo private words; exit 1"]"#,
    )];
    let _daemon = world.daemon_with(HONEST_AGENT, &check);
    world.comment(ADA, "bot:implement").await;
    let reason = FailureKind::ChecksFailed.reason();
    let said = world.ends(IMPLEMENT, RunState::Incomplete, reason).await;
    let pull = world.one_pull().await;
    let named = format!("Pull request: #{} ", pull.number);
    assert!(said.contains(&named), "{said}");
    let body = pull.body.unwrap_or_default();
    assert!(!said.contains("private words") && !body.contains("private words"));
    world.nothing_private(&body);
}
