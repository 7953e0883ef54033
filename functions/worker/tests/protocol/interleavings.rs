//! What the scheduler, a stop and daemons do to one run between one another's reads and writes.

use aws_local::{AwsError, Fault};
use contract::{Slug, worker::HeartbeatResponse};
use domain::{
    Control, Delivery, DeliveryKey, FailureKind, Fence, Outcome, RunHead, RunState, StepAttempt,
    Verdict,
};
use jiff::SignedDuration;
use policy::Tick;
use runs::{OpenDelivery, Resumed};
use serde_json::Value;
use store::Swap;
use testkit::{IMPLEMENT, runs::stop_request};

use crate::support::{Held, PUT, World, ended};

const SECOND: SignedDuration = SignedDuration::from_secs(1);

/// Whether a write is of an item whose sort key begins so, in that state.
fn is_of(kind: &'static str, state: &'static str) -> impl Fn(&Value) -> bool + Send + Sync {
    move |call| {
        let item = &call["Item"];
        let key = item["sk"]["S"].as_str().unwrap_or_default();
        key.starts_with(kind) && item["state"]["M"]["is"]["S"] == state
    }
}

/// An error that no client tries again by itself.
fn final_error() -> AwsError {
    AwsError::new(400, "AccessDeniedException")
}

impl World {
    /// The scheduler, once everything is due.
    async fn look(&self) -> Resumed {
        let (key, tick) = (self.run.key(), Tick::of_invocation());
        let runs = self.runs();
        let head = runs.resume_run(&tick, &key).await.unwrap();
        let step = RunHead::only_step();
        match runs.resend_job(&tick, &key, &step).await.unwrap() {
            Resumed::NotDue => head,
            resumed => resumed,
        }
    }

    /// A person's request to stop what was asked for until now, which names the run.
    async fn stop(&self) {
        let request = stop_request(self.clock.now());
        let subject = self.run.subject();
        let delivery = Delivery {
            key: DeliveryKey::by(subject.connection(), request.delivery.clone()),
            trace: self.run.origin().trace().clone(),
            received_at: self.clock.now(),
            verdict: Verdict::Stopping {
                runs: vec![self.run.key()],
                waiting: 0,
            },
            steps: Vec::new(),
            due_at: None,
        };
        let now = self.clock.now();
        let before = self
            .store
            .versioned_delivery(&delivery.key, now)
            .await
            .unwrap();
        let read = match before {
            Some(read) => read,
            None => match self
                .store
                .swap_delivery(None, &delivery, now)
                .await
                .unwrap()
            {
                Swap::Written(read) => read,
                other => panic!("{other:?}"),
            },
        };
        let record = OpenDelivery::new(Some(read), delivery);
        let runs = self.runs();
        let key = subject.key();
        let stopped = runs.resume_stop(&key, &request, &record);
        stopped.await.unwrap();
    }

    async fn state(&self) -> RunState {
        self.now().await.state()
    }

    async fn finishes(&self, held: &Held) -> crate::answer::Answer {
        let failed = Outcome::Failed {
            failure: FailureKind::ChecksFailed.into(),
        };
        self.finish(held, &ended(failed)).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_that_comes_between_a_claims_read_and_write_wins() {
    let world = World::start(IMPLEMENT).await;
    let (fault, gate) = Fault::hold(PUT);
    let faults = world.endpoints.faults();
    faults.add(fault.when(is_of("STP#", "running")));
    let meanwhile = async {
        gate.reached().await;
        world.stop().await;
        gate.release();
    };
    let (answer, ()) = tokio::join!(world.claim("first"), meanwhile);
    answer.is_problem(409, &Slug::JOB_FINISHED);
    let run = world.now().await;
    assert_eq!(
        (run.state(), run.fence()),
        (RunState::Cancelled, Fence::NONE)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_comes_between_a_stops_commit_and_its_close_is_told_to_stop() {
    let world = World::start(IMPLEMENT).await;
    let (fault, gate) = Fault::hold(PUT);
    let faults = world.endpoints.faults();
    // The claim has read the head before the stop is committed, and takes the lease before the stop closes the step.
    let (claim_fault, claim_gate) = Fault::hold(PUT);
    faults.add(claim_fault.when(is_of("STP#", "running")));
    faults.add(fault.when(is_of("STP#", "closed")));
    let stop = async {
        claim_gate.reached().await;
        world.stop().await;
    };
    let order = async {
        gate.reached().await;
        claim_gate.release();
        // The claim's write is through once the run is at work.
        while world.state().await != RunState::Running {
            tokio::task::yield_now().await;
        }
        gate.release();
    };
    let (answer, (), ()) = tokio::join!(world.claim("first"), stop, order);
    let claimed: contract::worker::ClaimResponse = answer.ok();
    let run = world.now().await;
    assert!(matches!(run.head().control(), Some(Control::Stop(_))));
    let held = Held {
        token: secrecy::ExposeSecret::expose_secret(&claimed.lease.token).to_owned(),
        claimed,
    };
    let body = world.body("heartbeat");
    let beat = world.call("heartbeat", &held.token, &body).await;
    let response: HeartbeatResponse = beat.ok();
    assert!(response.cancel.is_some());
    let end = ended(Outcome::Cancelled);
    world.finish(&held, &end).await.is_done();
    assert_eq!(world.state().await, RunState::Cancelled);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_that_comes_while_a_daemon_finishes_does_not_undo_what_is_finished() {
    let world = World::start(IMPLEMENT).await;
    let held = world.lease("first").await;
    let (fault, gate) = Fault::hold(PUT);
    world
        .endpoints
        .faults()
        .add(fault.when(is_of("STP#", "closed")));
    let meanwhile = async {
        gate.reached().await;
        world.stop().await;
        gate.release();
    };
    let (answer, ()) = tokio::join!(world.finishes(&held), meanwhile);
    answer.is_done();
    let run = world.now().await;
    assert_eq!(
        run.state(),
        RunState::Failed,
        "what is finished counts first"
    );
    assert!(run.head().control().is_some(), "the stop was committed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_that_loses_its_commit_to_a_finish_finds_the_run_over() {
    let world = World::start(IMPLEMENT).await;
    let held = world.lease("first").await;
    let (fault, gate) = Fault::hold(PUT);
    world
        .endpoints
        .faults()
        .add(fault.when(is_of("RUN#", "closing")));
    let meanwhile = async {
        gate.reached().await;
        world.finishes(&held).await.is_done();
        gate.release();
    };
    let ((), ()) = tokio::join!(world.stop(), meanwhile);
    assert_eq!(world.state().await, RunState::Failed);
    // An old stop that comes again changes nothing.
    world.stop().await;
    assert_eq!(world.state().await, RunState::Failed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadline_that_passes_between_a_claims_read_and_write_wins() {
    let world = World::start(IMPLEMENT).await;
    let (fault, gate) = Fault::hold(PUT);
    world
        .endpoints
        .faults()
        .add(fault.when(is_of("STP#", "running")));
    let meanwhile = async {
        gate.reached().await;
        world.advance(RunHead::LIFETIME);
        assert_eq!(world.look().await, Resumed::Settled);
        gate.release();
    };
    let (answer, ()) = tokio::join!(world.claim("first"), meanwhile);
    answer.is_problem(409, &Slug::JOB_FINISHED);
    assert_eq!(world.state().await, RunState::Expired);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_scheduler_ends_a_job_that_lost_three_daemons_once() {
    let world = World::start(IMPLEMENT).await;
    for daemon in ["first", "second", "third"] {
        world.lease(daemon).await;
        world.advance(StepAttempt::LEASE);
    }
    world.advance(SignedDuration::from_mins(2));
    let (one, other) = tokio::join!(world.look(), world.look());
    assert!(
        [one, other].contains(&Resumed::Settled),
        "{one:?} {other:?}"
    );
    let run = world.now().await;
    assert_eq!(run.failure().unwrap().kind(), FailureKind::WorkerLost);
    world
        .claim("fourth")
        .await
        .is_problem(409, &Slug::JOB_FINISHED);
    assert_eq!(world.now().await, run);
}

/// The step is closed, the head is not, and whoever did it is gone.
async fn a_finish_that_stops_half_way(world: &World, held: &Held) {
    let refused = Fault::refuse(PUT, final_error()).when(is_of("RUN#", "over"));
    world.endpoints.faults().add(refused);
    let answer = world.finishes(held).await;
    answer.is_problem(503, &Slug::UNAVAILABLE);
    let run = world.now().await;
    assert!(run.finished().is_none() && run.step().unwrap().finished().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finish_that_crashed_between_step_and_head_is_made_good_by_whoever_comes() {
    for comes in ["the daemon", "another daemon", "a stop", "the scheduler"] {
        let world = World::start(IMPLEMENT).await;
        let held = world.lease("first").await;
        a_finish_that_stops_half_way(&world, &held).await;
        match comes {
            "the daemon" => world.finishes(&held).await.is_done(),
            "another daemon" => {
                let claimed = world.claim("second").await;
                claimed.is_problem(409, &Slug::JOB_FINISHED);
            }
            "a stop" => world.stop().await,
            _ => {
                world.advance(SignedDuration::from_mins(2) + SECOND);
                assert_eq!(world.look().await, Resumed::Settled);
            }
        }
        let run = world.now().await;
        assert_eq!(run.state(), RunState::Failed, "{comes}");
        assert_eq!(run.step().unwrap().due_at(), None, "{comes}");
        assert_eq!(world.take_jobs().await.len(), 0, "{comes}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_that_finish_and_look_at_once_end_the_run_once() {
    let world = World::start(IMPLEMENT).await;
    let held = world.lease("first").await;
    world.advance(StepAttempt::LEASE - SECOND);
    let (fault, gate) = Fault::hold(PUT);
    world
        .endpoints
        .faults()
        .add(fault.when(is_of("RUN#", "over")));
    let meanwhile = async {
        gate.reached().await;
        world.advance(SignedDuration::from_mins(2));
        // The one that looks commits first.
        assert_eq!(world.look().await, Resumed::Settled);
        gate.release();
    };
    let (answer, ()) = tokio::join!(world.finishes(&held), meanwhile);
    answer.is_done();
    let run = world.now().await;
    assert_eq!((run.state(), run.head().version().0), (RunState::Failed, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_message_is_sent_again_when_its_step_is_due() {
    let world = World::start(IMPLEMENT).await;
    assert_eq!(world.look().await, Resumed::NotDue);
    world.advance(SignedDuration::from_mins(2));
    assert_eq!(world.look().await, Resumed::Resent);
    assert_eq!(world.take_jobs().await.len(), 1);
    assert_eq!(
        world.look().await,
        Resumed::NotDue,
        "the next look is later"
    );
    let refused = Fault::refuse("AmazonSQS.SendMessage", final_error());
    world.advance(SignedDuration::from_mins(4));
    world.endpoints.faults().add(refused);
    let (key, tick) = (world.run.key(), Tick::of_invocation());
    let runs = world.runs();
    let failed = runs.resend_job(&tick, &key, &RunHead::only_step()).await;
    failed.unwrap_err();
    world.advance(SignedDuration::from_mins(8));
    assert_eq!(world.look().await, Resumed::Resent, "it was due again");
    world.lease("first").await;
}
