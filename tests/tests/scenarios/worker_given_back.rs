//! Jobs that are given back in order, and jobs that wait behind long ones.

use domain::{Clock, Run, RunState, StepState};
use jiff::SignedDuration;
use rustix::process::Signal;
use testkit::{IMPLEMENT, INVESTIGATE};

use crate::{
    support::{ADA, HONEST_AGENT, World},
    worker_support::{Gate, LEASE_AND_MORE, signal},
};

/// Ends at once when asked to.
const AT_ONCE: [(&str, &str); 1] = [("SWITCHYARD_DRAIN_SECONDS", "1")];

/// Three deployments in a row, say: no time has to pass, and none of them is a loss.
#[tokio::test(flavor = "multi_thread")]
async fn daemons_that_end_in_order_lose_nothing_and_the_next_one_starts_at_once() {
    let world = World::start().await;
    world.comment(ADA, "bot:implement").await;
    for ended in 1..=3 {
        let gate = Gate::new();
        let mut daemon = world.daemon_with(&gate.agent(), &AT_ONCE);
        gate.reached().await;
        signal(&daemon, Signal::TERM);
        daemon.wait().await.unwrap();
        let back = |run: &Run| run.state() == RunState::Queued && run.fence().0 == ended;
        let run = world.run_is(IMPLEMENT, 1, back).await;
        assert_eq!(run.step().unwrap().leases().lost, 0);
        assert_eq!(world.queued_jobs().await, 1, "one message, of its own");
    }
    world.bot_says("given back").await;
    let _last = world.daemon(HONEST_AGENT);
    let succeeded = "`implement` succeeded";
    world.ends(IMPLEMENT, RunState::Succeeded, succeeded).await;
    world.one_pull().await;
    world.jobs_queue_holds(0).await;
}

/// Lets half an hour pass, in which the daemon at work stays alive and the scheduler looks every minute.
async fn half_an_hour(world: &World) {
    for _ in 0..30 {
        world.advance(SignedDuration::from_mins(1));
        // A heartbeat since then leaves more of the lease than the minute did.
        let extended = Clock::now(world.clock.as_ref()) + SignedDuration::from_secs(70);
        let alive = |run: &Run| matches!(run.step().unwrap().state(), StepState::Running(lease) if lease.expires_at > extended);
        world.run_is(IMPLEMENT, 1, alive).await;
        world.stack.tick().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_of_a_job_at_work_are_no_dead_letters() {
    let (world, gate) = (World::start().await, Gate::new());
    world.comment(ADA, "bot:implement").await;
    world.bot_says("`implement` is queued").await;
    for minutes in [3, 5] {
        world.advance(SignedDuration::from_mins(minutes));
        world.stack.tick().await.unwrap();
    }
    assert_eq!(world.queued_jobs().await, 3, "it was sent twice again");
    let _at_work = world.daemon(&gate.agent());
    gate.reached().await;
    let _idle = world.daemon(&gate.agent());
    world.jobs_queue_holds(1).await;
    half_an_hour(&world).await;
    assert_eq!(world.dead_jobs().await, 0);
    assert_eq!(gate.agents().len(), 1);
    gate.open();
    let succeeded = "`implement` succeeded";
    world.ends(IMPLEMENT, RunState::Succeeded, succeeded).await;
    world.jobs_queue_holds(0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_waits_half_an_hour_behind_another_is_done_and_rings_no_alarm() {
    let (world, gate) = (World::start().await, Gate::new());
    let _only = world.daemon(&gate.agent());
    world.comment(ADA, "bot:implement").await;
    gate.reached().await;
    world.comment(ADA, "bot:investigate").await;
    let waits = |run: &Run| run.state() == RunState::Queued;
    world.run_is(INVESTIGATE, 1, waits).await;
    half_an_hour(&world).await;
    world.run_is(INVESTIGATE, 1, waits).await;
    assert_eq!(world.dead_jobs().await, 0);
    gate.open();
    let over = |run: &Run| run.finished().is_some();
    world.run_is(IMPLEMENT, 1, over).await;
    world.run_is(INVESTIGATE, 1, over).await;
    // Its copies go one by one, and none of them is done again.
    world.jobs_queue_holds(0).await;
    assert_eq!(gate.agents().len(), 2);
    assert_eq!(world.dead_jobs().await, 0);
}

/// Somebody kills a daemon in the moment of its claim; the next one finds a copy of the message.
#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_was_deleted_is_not_missed_when_the_holder_is_lost() {
    let (world, gate) = (World::start().await, Gate::new());
    world.comment(ADA, "bot:implement").await;
    world.bot_says("`implement` is queued").await;
    world.advance(SignedDuration::from_mins(3));
    world.stack.tick().await.unwrap();
    let mut first = world.daemon(&gate.agent());
    gate.reached().await;
    first.kill().await.unwrap();
    let _second = world.daemon(HONEST_AGENT);
    world.jobs_queue_holds(1).await;
    world.advance(LEASE_AND_MORE);
    let succeeded = "`implement` succeeded";
    world.ends(IMPLEMENT, RunState::Succeeded, succeeded).await;
    world.one_pull().await;
}
