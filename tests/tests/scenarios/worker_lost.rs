//! Daemons that are lost in mid-job, and one that comes back from the dead.

use aws_local::Fault as AwsFault;
use domain::{FailureKind, RunState};
use jiff::SignedDuration;
use rustix::process::Signal;
use simgithub::{Fault, FaultRule};
use testkit::IMPLEMENT;

use crate::{
    support::{ADA, HONEST_AGENT, World},
    worker_support::{FOR_EVER, Gate, LEASE_AND_MORE, PULLS, runs, signal},
};

/// A second daemon takes over, which the comment says while it works, and finishes what was begun.
async fn another_finishes(world: &World) {
    let gate = Gate::new();
    world.advance(LEASE_AND_MORE);
    let _daemon = world.daemon(&gate.agent());
    gate.reached().await;
    world
        .bot_says("Attempt 2: the worker before was lost.")
        .await;
    gate.open();
    let said = world
        .ends(IMPLEMENT, RunState::Succeeded, "`implement` succeeded")
        .await;
    let pull = world.one_pull().await;
    let named = format!("Pull request: #{} ", pull.number);
    assert!(said.contains(&named), "{said}");
    world.jobs_queue_holds(0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_killed_while_its_agent_works() {
    let (world, gate) = (World::start().await, Gate::new());
    let mut first = world.daemon(&gate.agent());
    world.comment(ADA, "bot:implement").await;
    let agent = gate.reached().await;
    first.kill().await.unwrap();
    assert!(runs(agent), "nobody is left to end the agent");
    another_finishes(&world).await;
    assert!(!runs(agent), "the next daemon on the machine ends it");
    assert_eq!(world.requests("POST", "/git-receive-pack"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_killed_between_push_and_pull_request() {
    let world = World::start().await;
    let opening = FaultRule::new(PULLS, 1, Fault::Slow(FOR_EVER)).method("POST");
    world.github().faults().add(opening);
    let mut first = world.daemon(HONEST_AGENT);
    world.comment(ADA, "bot:implement").await;
    world.faults_struck().await;
    assert_eq!(world.requests("POST", "/git-receive-pack"), 1);
    first.kill().await.unwrap();
    another_finishes(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_killed_between_pull_request_and_report() {
    let world = World::start().await;
    let (held, gate) = AwsFault::hold("DynamoDB_20120810.PutItem");
    let end = |body: &serde_json::Value| body.to_string().contains("\"closed\"");
    world
        .stack
        .endpoints()
        .faults()
        .add(held.when(end).times(usize::MAX));
    let mut first = world.daemon(HONEST_AGENT);
    world.comment(ADA, "bot:implement").await;
    gate.reached().await;
    let before = world.one_pull().await;
    first.kill().await.unwrap();
    world.stack.endpoints().faults().clear();
    another_finishes(&world).await;
    assert_eq!(world.one_pull().await.number, before.number);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_killed_between_report_and_the_end_of_its_message() {
    let world = World::start().await;
    let (held, gate) = AwsFault::hold("AmazonSQS.DeleteMessage");
    let jobs = world
        .stack
        .template()
        .queue("JobsQueue")
        .unwrap()
        .url
        .clone();
    let of_jobs = move |body: &serde_json::Value| body["QueueUrl"] == jobs.as_str();
    world
        .stack
        .endpoints()
        .faults()
        .add(held.when(of_jobs).times(usize::MAX));
    let mut first = world.daemon(HONEST_AGENT);
    world.comment(ADA, "bot:implement").await;
    gate.reached().await;
    first.kill().await.unwrap();
    world.stack.endpoints().faults().clear();
    world
        .ends(IMPLEMENT, RunState::Succeeded, "`implement` succeeded")
        .await;

    assert_eq!(world.queued_jobs().await, 1);
    let again = Gate::new();
    let _second = world.daemon(&again.agent());
    world.advance(LEASE_AND_MORE);
    world.jobs_queue_holds(0).await;
    assert!(again.agents().is_empty(), "what is done is not done again");
    world.one_pull().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zombie_pushes_nothing_and_reports_nothing() {
    let (world, gate) = (World::start().await, Gate::new());
    let late = gate.before("echo late > late.txt; echo late > \"$SWITCHYARD_OUTPUT/summary.md\"");
    let zombie = world.daemon(&late);
    world.comment(ADA, "bot:implement").await;
    let agent = gate.reached().await;
    signal(&zombie, Signal::STOP);
    another_finishes(&world).await;

    gate.open();
    signal(&zombie, Signal::CONT);
    world.logs("the job is not ours any more").await;
    assert!(!runs(agent));
    assert_eq!(world.requests("POST", "/git-receive-pack"), 1);
    let pull = world.one_pull().await;
    let head = pull.pull.unwrap().head;
    let file = world
        .github()
        .file_at(crate::support::REPOSITORY, &head, "late.txt");
    assert_eq!(file.await.unwrap(), None);
    world
        .ends(IMPLEMENT, RunState::Succeeded, "`implement` succeeded")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zombie_that_has_pushed_opens_no_second_pull_request() {
    let world = World::start().await;
    let opening = FaultRule::new(PULLS, 1, Fault::Slow(FOR_EVER)).method("POST");
    world.github().faults().add(opening);
    let zombie = world.daemon(HONEST_AGENT);
    world.comment(ADA, "bot:implement").await;
    world.faults_struck().await;
    signal(&zombie, Signal::STOP);
    another_finishes(&world).await;
    signal(&zombie, Signal::CONT);
    world.logs("the job is not ours any more").await;
    world
        .ends(IMPLEMENT, RunState::Succeeded, "`implement` succeeded")
        .await;
    world.one_pull().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_loses_three_workers_has_failed() {
    let world = World::start().await;
    world.leaves("a folder of a job");
    world.comment(ADA, "bot:implement").await;
    for _ in 0..3 {
        let gate = Gate::new();
        let mut daemon = world.daemon(&gate.agent());
        gate.reached().await;
        daemon.kill().await.unwrap();
        world.advance(LEASE_AND_MORE);
    }
    // Nobody is left to take the message: only the schedule can see that it is over.
    world.advance(SignedDuration::from_mins(5));
    world.stack.tick().await.unwrap();
    let reason = FailureKind::WorkerLost.reason();
    world.ends(IMPLEMENT, RunState::Failed, reason).await;
    world.nothing_came_of_it().await;
    assert_eq!(world.requests("POST", "/git-receive-pack"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fourth_worker_is_told_that_the_job_has_failed() {
    let world = World::start().await;
    world.comment(ADA, "bot:implement").await;
    for _ in 0..3 {
        let gate = Gate::new();
        let mut daemon = world.daemon(&gate.agent());
        gate.reached().await;
        daemon.kill().await.unwrap();
        world.advance(LEASE_AND_MORE);
    }
    let gate = Gate::new();
    let _fourth = world.daemon(&gate.agent());
    let reason = FailureKind::WorkerLost.reason();
    world.ends(IMPLEMENT, RunState::Failed, reason).await;
    world.jobs_queue_holds(0).await;
    assert!(gate.agents().is_empty());
    world.nothing_came_of_it().await;
}
