//! Keeping a lease, losing it, and being told to stop.

use contract::{
    Slug,
    worker::{CancelReason, HeartbeatResponse},
};
use domain::{Outcome, RunHead, StepAttempt};
use jiff::SignedDuration;
use serde_json::json;
use testkit::{
    IMPLEMENT,
    runs::{change_run, stop_request, stopped},
};

use crate::{
    answer::Answer,
    support::{Held, UNDER_LEASE, World, ended},
};

async fn beat(world: &World, held: &Held) -> Answer {
    world.call("heartbeat", &held.token, &json!({})).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_heartbeat_extends_the_lease() {
    let world = World::start(IMPLEMENT).await;
    let held = world.lease("first").await;
    for _ in 0..4 {
        world.advance(StepAttempt::LEASE - SignedDuration::from_secs(1));
        let response: HeartbeatResponse = beat(&world, &held).await.ok();
        assert_eq!(response.expires_at, world.clock.now() + StepAttempt::LEASE);
        assert_eq!(response.cancel, None);
    }
    world
        .claim("second")
        .await
        .is_problem(409, &Slug::JOB_LEASED);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_holder_that_nobody_replaced_goes_on() {
    let world = World::start(IMPLEMENT).await;
    let held = world.lease("first").await;
    world.advance(StepAttempt::LEASE * 3);
    let response: HeartbeatResponse = beat(&world, &held).await.ok();
    assert_eq!(response.expires_at, world.clock.now() + StepAttempt::LEASE);
    world
        .claim("second")
        .await
        .is_problem(409, &Slug::JOB_LEASED);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_holder_that_was_replaced_can_do_nothing_any_more() {
    let world = World::with_repository(IMPLEMENT).await;
    let old = world.lease("first").await;
    world.advance(StepAttempt::LEASE);
    let new = world.lease("second").await;
    let before = world.now().await;
    for call in UNDER_LEASE {
        let answer = world.call(call, &old.token, &world.body(call)).await;
        answer.is_problem(409, &Slug::LEASE_STALE);
    }
    assert_eq!(world.now().await, before);
    let key = world.run.key();
    let told = world.store.newest_progress(&key, before.fence(), 10);
    assert!(told.await.unwrap().is_empty());
    for call in ["heartbeat", "events", "git-token", "finish"] {
        let answer = world.call(call, &new.token, &world.body(call)).await;
        assert!(answer.status.is_success(), "{call}: {answer:?}");
    }
    for call in UNDER_LEASE {
        let answer = world.call(call, &old.token, &world.body(call)).await;
        answer.is_problem(409, &Slug::LEASE_STALE);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_daemon_under_a_new_lease_cannot_use_the_old_one() {
    let world = World::start(IMPLEMENT).await;
    let old = world.lease("first").await;
    world.advance(StepAttempt::LEASE);
    let new = world.lease("first").await;
    beat(&world, &old).await.is_problem(409, &Slug::LEASE_STALE);
    beat(&world, &new).await.ok::<HeartbeatResponse>();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_to_stop_is_heard_at_the_next_heartbeat() {
    let world = World::start(IMPLEMENT).await;
    let held = world.lease("first").await;
    let now = world.clock.now();
    let request = stop_request(now);
    let stop = |run: &_| stopped(run, &request, now);
    let run = change_run(&world.store, &world.run.key(), stop).await;
    assert!(run.finished().is_none(), "somebody is at work");
    for _ in 0..2 {
        let response: HeartbeatResponse = beat(&world, &held).await.ok();
        assert_eq!(response.cancel, Some(CancelReason::Requested));
    }
    let end = ended(Outcome::Cancelled);
    world.finish(&held, &end).await.is_done();
    beat(&world, &held)
        .await
        .is_problem(409, &Slug::JOB_FINISHED);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_its_time_is_heard_at_the_next_heartbeat() {
    let world = World::start(IMPLEMENT).await;
    let held = world.lease("first").await;
    world.advance(RunHead::LIFETIME - SignedDuration::from_secs(1));
    let response: HeartbeatResponse = beat(&world, &held).await.ok();
    assert_eq!(response.cancel, None);
    world.advance(SignedDuration::from_secs(1));
    let response: HeartbeatResponse = beat(&world, &held).await.ok();
    assert_eq!(response.cancel, Some(CancelReason::Expired));
    world
        .finish(&held, &ended(Outcome::Expired))
        .await
        .is_done();
    let run = world.now().await;
    assert_eq!(run.finished().unwrap().outcome, Outcome::Expired);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_end_only_the_same_end_is_heard() {
    let world = World::with_repository(IMPLEMENT).await;
    let held = world.lease("first").await;
    world
        .finish(&held, &ended(Outcome::Cancelled))
        .await
        .is_done();
    let before = world.now().await;
    for call in ["heartbeat", "events", "git-token"] {
        let answer = world.call(call, &held.token, &world.body(call)).await;
        answer.is_problem(409, &Slug::JOB_FINISHED);
    }
    world
        .claim("first")
        .await
        .is_problem(409, &Slug::JOB_FINISHED);
    world
        .claim("second")
        .await
        .is_problem(409, &Slug::JOB_FINISHED);
    assert_eq!(world.now().await, before);
    assert!(world.github.tokens_minted().await.unwrap().is_empty());
}
