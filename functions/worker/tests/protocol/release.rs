//! Giving a job back.

use aws_local::{AwsError, Fault};
use contract::{
    Slug,
    worker::{ClaimResponse, ReleaseRequest},
};
use domain::{Fence, GiveBack, Outcome, RunHead, RunState, StepAttempt};
use http::header::RETRY_AFTER;
use jiff::SignedDuration;
use testkit::{
    IMPLEMENT,
    runs::{change_run, stop_request, stopped},
};

use crate::support::{DAEMON_KEY, PUT, World, ended};

const SEND: &str = "AmazonSQS.SendMessage";

#[tokio::test(flavor = "multi_thread")]
async fn another_daemon_has_the_job_at_once_from_a_message_of_its_own() {
    let world = World::start(IMPLEMENT).await;
    let held = world.lease("first").await;
    world.release(&held, GiveBack::Shutdown).await.is_done();
    let run = world.now().await;
    assert_eq!((run.state(), run.fence()), (RunState::Queued, Fence(1)));
    assert_eq!(run.step().unwrap().leases().lost, 0);

    let messages = world.take_jobs().await;
    let [message] = &messages[..] else {
        panic!("{messages:?}");
    };
    assert_eq!(message.job, world.run.job());
    let token = secrecy::ExposeSecret::expose_secret(&message.token);
    let claim = world.proven("second", token, DAEMON_KEY);
    let claimed: ClaimResponse = world.call("claim", token, &claim).await.ok();
    assert_eq!(claimed.lease.fence, Fence(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn three_orderly_ends_and_two_losses_do_not_lose_the_job() {
    let world = World::start(IMPLEMENT).await;
    for _ in 0..3 {
        let held = world.lease("orderly").await;
        world.release(&held, GiveBack::Shutdown).await.is_done();
    }
    for _ in 0..2 {
        world.lease("lost").await;
        world.advance(StepAttempt::LEASE);
    }
    let held = world.lease("last").await;
    assert_eq!(held.claimed.lease.fence, Fence(6));
    let end = ended(Outcome::Cancelled);
    world.finish(&held, &end).await.is_done();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_that_was_given_back_is_good_for_nothing_but_saying_so_again() {
    let world = World::start(IMPLEMENT).await;
    let held = world.lease("first").await;
    world.release(&held, GiveBack::Shutdown).await.is_done();
    world.release(&held, GiveBack::Shutdown).await.is_done();
    let before = world.now().await;
    for call in ["heartbeat", "events", "git-token", "finish"] {
        let answer = world.call(call, &held.token, &world.body(call)).await;
        answer.is_problem(409, &Slug::LEASE_STALE);
    }
    assert_eq!(world.now().await, before);
    // Not even that, once somebody else has the job.
    let next = world.lease("second").await;
    let late = world.release(&held, GiveBack::Shutdown).await;
    late.is_problem(409, &Slug::LEASE_STALE);
    let body = world.body("heartbeat");
    let beat = world.call("heartbeat", &next.token, &body).await;
    assert!(beat.status.is_success(), "{beat:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_a_time_is_hidden_until_then_and_cannot_be_had_before() {
    let world = World::start(IMPLEMENT).await;
    let held = world.lease("first").await;
    let request = ReleaseRequest {
        why: GiveBack::ModelLimited,
        not_before: Some(world.clock.now() + SignedDuration::from_mins(10)),
    };
    world.call("release", &held.token, &request).await.is_done();
    assert_eq!(world.take_jobs().await.len(), 0);
    let answer = world.claim("second").await;
    answer.is_problem(409, &Slug::JOB_WAITING);
    assert_eq!(answer.headers[RETRY_AFTER], "600");
    world.advance(SignedDuration::from_mins(10));
    world.endpoints.clock_moved();
    assert_eq!(world.take_jobs().await.len(), 1);
    assert_eq!(world.lease("second").await.claimed.lease.fence, Fence(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_longer_than_a_queue_can_is_due_then() {
    let world = World::start(IMPLEMENT).await;
    let held = world.lease("first").await;
    let reset = world.clock.now() + SignedDuration::from_hours(2);
    let request = ReleaseRequest {
        why: GiveBack::ModelLimited,
        not_before: Some(reset),
    };
    world.call("release", &held.token, &request).await.is_done();
    let step = world.now().await.step().unwrap().clone();
    assert_eq!(step.due_at(), Some(reset));
    world.advance(SignedDuration::from_mins(15));
    world.endpoints.clock_moved();
    assert_eq!(world.take_jobs().await.len(), 0, "the scheduler sends it");
}

/// The daemon dies, or does not ask again, after the table knows and before the queue does.
#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_message_could_not_be_sent_is_due_within_a_minute() {
    let world = World::start(IMPLEMENT).await;
    let held = world.lease("first").await;
    let faults = world.endpoints.faults();
    faults.add(Fault::refuse(SEND, AwsError::new(400, "AccessDenied")));
    let answer = world.release(&held, GiveBack::Shutdown).await;
    answer.is_problem(503, &Slug::UNAVAILABLE);
    let run = world.now().await;
    assert_eq!(run.state(), RunState::Queued);
    let soon = world.clock.now() + SignedDuration::from_mins(1);
    assert!(run.step().unwrap().due_at().unwrap() <= soon);
    // Said again, it is sent.
    world.release(&held, GiveBack::Shutdown).await.is_done();
    assert_eq!(world.take_jobs().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_that_comes_first_ends_the_run_instead() {
    let world = World::start(IMPLEMENT).await;
    let held = world.lease("first").await;
    let (fault, gate) = Fault::hold(PUT);
    world.endpoints.faults().add(fault);
    let meanwhile = async {
        gate.reached().await;
        let now = world.clock.now();
        let request = stop_request(now);
        let stop = |run: &_| stopped(run, &request, now);
        change_run(&world.store, &world.run.key(), stop).await;
        gate.release();
    };
    let (answer, ()) = tokio::join!(world.release(&held, GiveBack::Shutdown), meanwhile);
    answer.is_done();
    assert_eq!(world.now().await.state(), RunState::Cancelled);
    assert_eq!(world.take_jobs().await.len(), 0);
    let again = world.release(&held, GiveBack::Shutdown).await;
    again.is_problem(409, &Slug::JOB_FINISHED);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_and_a_give_back_of_the_same_lease_do_not_both_happen() {
    let world = World::start(IMPLEMENT).await;
    let held = world.lease("first").await;
    let (fault, gate) = Fault::hold(PUT);
    world.endpoints.faults().add(fault);
    let end = ended(Outcome::Cancelled);
    let meanwhile = async {
        gate.reached().await;
        world.release(&held, GiveBack::Shutdown).await.is_done();
        gate.release();
    };
    let (answer, ()) = tokio::join!(world.finish(&held, &end), meanwhile);
    answer.is_problem(409, &Slug::LEASE_STALE);
    assert_eq!(world.now().await.state(), RunState::Queued);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_time_is_over_is_not_given_to_anybody() {
    let world = World::start(IMPLEMENT).await;
    let held = world.lease("first").await;
    world.advance(RunHead::LIFETIME);
    world.release(&held, GiveBack::Environment).await.is_done();
    assert_eq!(world.now().await.state(), RunState::Expired);
    assert_eq!(world.take_jobs().await.len(), 0);
}
