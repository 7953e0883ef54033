//! Jobs that nobody takes.

use domain::RunState;
use jiff::SignedDuration;
use testkit::IMPLEMENT;

use crate::{
    support::{ADA, HONEST_AGENT, World},
    worker_support::{Gate, LEASE_AND_MORE, runs},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_message_was_lost_is_sent_again() {
    let world = World::start().await;
    world.comment(ADA, "bot:implement").await;
    world.bot_says("`implement` is queued").await;
    world.lose_jobs().await;
    let _daemon = world.daemon(HONEST_AGENT);
    world.stack.tick().await.unwrap();
    assert_eq!(world.queued_jobs().await, 0, "it is not due yet");
    world.advance(LEASE_AND_MORE);
    let swept = world.stack.tick().await.unwrap();
    assert_eq!(swept["resent"], 1, "{swept}");
    world
        .ends(IMPLEMENT, RunState::Succeeded, "`implement` succeeded")
        .await;
    world.one_pull().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_daemon_and_message_were_both_lost_is_sent_again() {
    let (world, gate) = (World::start().await, Gate::new());
    let mut first = world.daemon(&gate.agent());
    world.comment(ADA, "bot:implement").await;
    gate.reached().await;
    first.kill().await.unwrap();
    world.lose_jobs().await;
    // The first look finds the lease holding, the next one after its end sends the job again.
    world.advance(LEASE_AND_MORE);
    world.stack.tick().await.unwrap();
    world.advance(SignedDuration::from_mins(5));
    world.stack.tick().await.unwrap();
    let _second = world.daemon(HONEST_AGENT);
    world
        .ends(IMPLEMENT, RunState::Succeeded, "`implement` succeeded")
        .await;
    world.one_pull().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_nobody_takes_runs_out_of_time() {
    let world = World::start().await;
    world.comment(ADA, "bot:implement").await;
    world.bot_says("`implement` is queued").await;
    world.advance(SignedDuration::from_hours(6) + SignedDuration::from_mins(1));
    world.stack.tick().await.unwrap();
    world
        .ends(IMPLEMENT, RunState::Expired, "`implement` ran out of time")
        .await;

    // The message that is still there starts nothing any more.
    let gate = Gate::new();
    let _daemon = world.daemon(&gate.agent());
    world.jobs_queue_holds(0).await;
    assert!(gate.agents().is_empty());
    world.nothing_came_of_it().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_time_runs_out_in_the_middle_is_stopped() {
    let (world, gate) = (World::start().await, Gate::new());
    let _daemon = world.daemon(&gate.agent());
    world.comment(ADA, "bot:implement").await;
    let agent = gate.reached().await;
    world.advance(SignedDuration::from_hours(6) + SignedDuration::from_mins(1));
    world
        .ends(IMPLEMENT, RunState::Expired, "`implement` ran out of time")
        .await;
    assert!(!runs(agent));
    world.nothing_came_of_it().await;
    world.jobs_queue_holds(0).await;
}
