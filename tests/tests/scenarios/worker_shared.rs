//! Two daemons and one job.

use domain::RunState;
use jiff::SignedDuration;
use testkit::{IMPLEMENT, INVESTIGATE};

use crate::{
    support::{ADA, HONEST_AGENT, World},
    worker_support::{Gate, LEASE_AND_MORE},
};

#[tokio::test(flavor = "multi_thread")]
async fn of_two_daemons_one_works() {
    let (world, gate) = (World::start().await, Gate::new());
    let _daemons = [world.daemon(&gate.agent()), world.daemon(&gate.agent())];
    world.comment(ADA, "bot:implement").await;
    gate.reached().await;
    gate.open();
    world
        .ends(IMPLEMENT, RunState::Succeeded, "`implement` succeeded")
        .await;
    world.one_pull().await;
    world.jobs_queue_holds(0).await;
    assert_eq!(gate.agents().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_was_sent_twice_is_done_once() {
    let (world, gate) = (World::start().await, Gate::new());
    world.comment(ADA, "bot:implement").await;
    world.bot_says("`implement` is queued").await;
    world.advance(LEASE_AND_MORE);
    let swept = world.stack.tick().await.unwrap();
    assert_eq!(swept["resent"], 1, "{swept}");
    world.jobs_queue_holds(2).await;

    let _daemons = [world.daemon(&gate.agent()), world.daemon(&gate.agent())];
    gate.reached().await;
    // The other message finds the job taken by somebody alive, and goes.
    world.logs("somebody else has the job").await;
    world.jobs_queue_holds(1).await;
    gate.open();
    world
        .ends(IMPLEMENT, RunState::Succeeded, "`implement` succeeded")
        .await;
    world.jobs_queue_holds(0).await;
    assert_eq!(gate.agents().len(), 1);
    world.one_pull().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_jobs_are_shared_between_two_daemons() {
    let (world, gate) = (World::start().await, Gate::new());
    let _daemons = [world.daemon(&gate.agent()), world.daemon(&gate.agent())];
    world.comment(ADA, "bot:implement").await;
    world.comment(ADA, "bot:investigate").await;
    world
        .run_is(INVESTIGATE, 1, |run| run.state() == RunState::Running)
        .await;
    world
        .run_is(IMPLEMENT, 1, |run| run.state() == RunState::Running)
        .await;
    gate.open();
    for name in [IMPLEMENT, INVESTIGATE] {
        world
            .run_is(name, 1, |run| run.state() == RunState::Succeeded)
            .await;
    }
    world.one_pull().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_out_of_an_older_time_starts_nothing() {
    let world = World::start().await;
    world.comment(ADA, "bot:implement").await;
    world.bot_says("`implement` is queued").await;
    // Sent again before anybody took it, so that one message is left over when the job is done.
    world.advance(SignedDuration::from_mins(3));
    let swept = world.stack.tick().await.unwrap();
    assert_eq!(swept["resent"], 1, "{swept}");
    world.jobs_queue_holds(2).await;
    let _daemon = world.daemon(HONEST_AGENT);
    world
        .ends(IMPLEMENT, RunState::Succeeded, "`implement` succeeded")
        .await;
    world.jobs_queue_holds(0).await;
    assert!(world.logged("the message is of no use any more"));
    world.one_pull().await;
}
