//! Getting a job.

use contract::{JobRef, Slug};
use domain::{
    FailureKind, Fence, ItemKind, JobId, Outcome, RunHead, RunSequence, RunState, SeededRandom,
    StepAttempt,
};
use http::header::RETRY_AFTER;
use jiff::SignedDuration;
use runs::Grant;
use simgithub::{Fault, FaultRule};
use testkit::{
    IMPLEMENT,
    runs::{change_run, stop_request, stopped},
};

use crate::support::{DAEMON_KEY, EVENTS, HEARTBEAT, KEY, World, sign};

const MOMENT: SignedDuration = SignedDuration::from_secs(1);

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_job_comes_with_its_lease() {
    let world = World::start(IMPLEMENT).await;
    let held = world.lease("first").await;
    let (lease, payload, run) = (held.claimed.lease, held.claimed.payload, &world.run);
    assert_eq!(lease.fence, Fence(1));
    assert_eq!(lease.expires_at, world.clock.now() + StepAttempt::LEASE);
    assert_eq!(
        (lease.heartbeat_seconds, lease.events_millis),
        (HEARTBEAT, EVENTS)
    );
    assert_eq!((payload.run, payload.definition), (run.id(), IMPLEMENT));
    assert_eq!(&payload.repository, run.head().target().repository());
    assert_eq!(
        (Some(payload.number.0), payload.kind),
        (run.subject().item().number(), ItemKind::Issue)
    );
    assert_eq!(&payload.requester, run.origin().requester().handle());
    assert_eq!(payload.title, world.brief.title);
    assert_eq!(payload.body, world.brief.body);
    assert_eq!(payload.request, world.brief.request);
    assert_eq!(payload.asked, Some(run.origin().asked().at()));
    assert_eq!(payload.branch, run.head().branch());
    assert_eq!(payload.bot.as_str(), "switchyard[bot]");
    assert_eq!(payload.deadline, run.head().deadline());
    assert_eq!(&payload.trace, run.origin().trace());
    let now = world.now().await;
    assert_eq!((now.state(), now.fence()), (RunState::Running, Fence(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_holder_that_asks_again_has_the_same_lease() {
    let world = World::start(IMPLEMENT).await;
    let first = world.lease("first").await.claimed.lease;
    world.advance(StepAttempt::LEASE - MOMENT);
    let again = world.lease("first").await.claimed.lease;
    assert_eq!(
        (again.fence, again.expires_at),
        (first.fence, first.expires_at)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_else_is_told_until_when_it_is_held() {
    let world = World::start(IMPLEMENT).await;
    let lease = world.lease("first").await.claimed.lease;
    let before = world.now().await;
    // Its holder is alive, so what the other has is a copy of the message.
    world.advance(SignedDuration::from_secs(70));
    let answer = world.claim("second").await;
    let problem = answer.is_problem(409, &Slug::JOB_LEASED);
    assert!(problem.detail.contains(&lease.expires_at.to_string()));
    // Its holder is late: it may be lost, and then nobody else has the message.
    for (passes, left) in [(1_000, "49"), (48_500, "1")] {
        world.advance(SignedDuration::from_millis(passes));
        let answer = world.claim("second").await;
        answer.is_problem(409, &Slug::JOB_WAITING);
        assert_eq!(answer.headers[RETRY_AFTER], left);
    }
    assert_eq!(world.now().await, before);

    world.advance(SignedDuration::from_millis(500));
    assert_eq!(world.lease("second").await.claimed.lease.fence, Fence(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_lost_three_daemons_is_over() {
    let world = World::start(IMPLEMENT).await;
    for (daemon, fence) in [("first", 1), ("second", 2), ("third", 3)] {
        assert_eq!(world.lease(daemon).await.claimed.lease.fence, Fence(fence));
        world.advance(StepAttempt::LEASE);
    }
    world
        .claim("fourth")
        .await
        .is_problem(409, &Slug::JOB_FINISHED);
    let run = world.now().await;
    let failure = run.failure().unwrap();
    assert_eq!(failure.kind(), FailureKind::WorkerLost);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_was_stopped_before_is_over() {
    let world = World::start(IMPLEMENT).await;
    let now = world.clock.now();
    let request = stop_request(now);
    let stop = |run: &_| stopped(run, &request, now);
    change_run(&world.store, &world.run.key(), stop).await;
    world
        .claim("first")
        .await
        .is_problem(409, &Slug::JOB_FINISHED);
    assert_eq!(world.now().await.state(), RunState::Cancelled);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_time_ran_out_ends_when_it_is_claimed() {
    let world = World::start(IMPLEMENT).await;
    world.advance(RunHead::LIFETIME);
    world
        .claim("first")
        .await
        .is_problem(409, &Slug::JOB_FINISHED);
    let run = world.now().await;
    assert_eq!(run.finished().unwrap().outcome, Outcome::Expired);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_nobody_knows_is_not_found() {
    let world = World::start(IMPLEMENT).await;
    let known = world.job();
    let mut elsewhere = known.clone();
    elsewhere.run.sequence = RunSequence(2);
    let replaced = JobRef {
        job: JobId::mint(world.clock.now(), &SeededRandom::new(9)),
        ..known
    };
    for job in [elsewhere, replaced] {
        let path = format!("/worker/v1/jobs/{}/claim", job.job);
        let until = world.run.head().deadline();
        let token = sign(
            KEY,
            &Grant::Claim {
                job: job.clone(),
                until,
            },
        );
        let body = world.proven_for(job.job, "first", &token, DAEMON_KEY);
        let body = serde_json::to_vec(&body).unwrap();
        let answer = world.send(crate::support::post(&path, &token, body)).await;
        answer.is_problem(404, &Slug::NOT_FOUND);
    }
    assert_eq!(world.now().await, world.run);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_cannot_be_answered_gives_no_lease() {
    let world = World::start(IMPLEMENT).await;
    let fault = FaultRule::new("/api/v3/app", 1, Fault::Status(404));
    world.github.faults().add(fault);
    world
        .claim("first")
        .await
        .is_problem(503, &Slug::UNAVAILABLE);
    assert!(world.github.faults().pending().is_empty());
    assert_eq!(world.now().await, world.run);
    assert_eq!(world.lease("second").await.claimed.lease.fence, Fence(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_github_keeps_waiting_is_answered_in_time_and_costs_no_lease() {
    let world = World::start(IMPLEMENT).await;
    let slow = Fault::Slow(std::time::Duration::from_mins(10));
    world
        .github
        .faults()
        .add(FaultRule::new("/api/v3/app", 1, slow));
    let answer = world.claim("first").await;
    answer.is_problem(503, &Slug::UNAVAILABLE);
    assert_eq!(world.now().await, world.run);
    assert_eq!(world.lease("first").await.claimed.lease.fence, Fence(1));
}
