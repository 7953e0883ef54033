//! Requests that wait for their turn, and starts that stop half-way.

use aws_local::{AwsError, Fault};
use domain::{Outcome, Refusal, RunHead, RunState, Verdict};
use jiff::SignedDuration;
use runs::{Started, Stopped};
use serde_json::Value;

use crate::support::World;

const PUT: &str = "DynamoDB_20120810.PutItem";
const GET: &str = "DynamoDB_20120810.GetItem";
const QUERY: &str = "DynamoDB_20120810.Query";
const SEND: &str = "AmazonSQS.SendMessage";
const MINUTE: SignedDuration = SignedDuration::from_mins(1);

fn key_of(call: &Value) -> &str {
    call["Item"]["sk"]["S"].as_str().unwrap_or_default()
}

fn final_error() -> AwsError {
    AwsError::new(400, "AccessDeniedException")
}

/// Ends the run as its daemon would.
async fn finish(world: &World, sequence: u32) {
    let (key, now) = (World::run_key(sequence), world.clock.now());
    let done = |run: &_| {
        let held = testkit::runs::leased(run, "d", now);
        testkit::runs::ended(&held, Outcome::Unchanged, now)
    };
    testkit::runs::change_run(&world.store, &key, done).await;
}

#[tokio::test]
async fn a_request_waits_for_its_turn_and_has_it_once_the_run_before_is_over() {
    let world = World::start().await;
    assert_eq!(world.ask(1).await, Started::Recorded);
    for _ in 0..2 {
        assert_eq!(world.ask(2).await, Started::Recorded);
        assert!(matches!(world.verdict("2").await, Verdict::Waiting { .. }));
        assert_eq!((world.waits().await, world.run(2).await), (1, None));
    }
    world.look(MINUTE).await;
    assert_eq!(world.waits().await, 1, "the slot is taken");
    finish(&world, 1).await;
    world.look(MINUTE * 2).await;
    let run = world.run(2).await.unwrap();
    assert_eq!((run.state(), world.waits().await), (RunState::Queued, 0));
    let Verdict::Starting { start } = world.verdict("2").await else {
        panic!("its record names the place");
    };
    assert_eq!((start.run, start.id), (run.key(), run.id()));
    let brief = world.store.brief(&run.subject().key(), run.id()).await;
    assert!(brief.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_put_to_wait_as_the_run_ends_has_its_turn_at_once() {
    let world = World::start().await;
    world.ask(1).await;
    let (fault, gate) = Fault::hold(PUT);
    let faults = world.endpoints.faults();
    faults.add(fault.when(|call| key_of(call).starts_with("ASK#")));
    let meanwhile = async {
        gate.reached().await;
        finish(&world, 1).await;
        gate.release();
    };
    let (started, ()) = tokio::join!(world.ask(2), meanwhile);
    assert_eq!(started, Started::Recorded);
    assert_eq!(world.run(2).await.unwrap().state(), RunState::Queued);
    assert_eq!(world.waits().await, 0);
}

#[tokio::test]
async fn a_stop_ends_what_runs_and_refuses_what_waits_and_an_end_by_it_lets_the_next_one_in() {
    let world = World::start().await;
    world.ask(1).await;
    world.ask(2).await;
    assert_eq!(world.stop("stop").await, Stopped::Recorded);
    let Verdict::Stopping { runs, waiting } = world.verdict("stop").await else {
        panic!("it is on record what was stopped");
    };
    assert_eq!((runs, waiting), (vec![World::run_key(1)], 1));
    assert_eq!(world.run(1).await.unwrap().state(), RunState::Cancelled);
    let Verdict::Refused { refusal, reply } = world.verdict("2").await else {
        panic!("who waited is told");
    };
    assert!(refusal == Refusal::Stopped && reply.is_some());
    assert_eq!((world.waits().await, world.run(2).await), (0, None));
    world.clock.advance(SignedDuration::from_secs(2));
    // What is asked for later runs.
    assert_eq!(world.ask(3).await, Started::Recorded);
    assert_eq!(world.run(2).await.unwrap().state(), RunState::Queued);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_that_looked_before_the_head_was_there_is_found_by_whoever_moves_it_on() {
    let world = World::start().await;
    let (fault, gate) = Fault::hold(PUT);
    let faults = world.endpoints.faults();
    faults.add(fault.when(|call| key_of(call).starts_with("RUN#")));
    let meanwhile = async {
        gate.reached().await;
        assert_eq!(world.stop("stop").await, Stopped::Nothing);
        gate.release();
    };
    let (started, ()) = tokio::join!(world.ask(1), meanwhile);
    assert_eq!(started, Started::Recorded);
    let run = world.run(1).await.unwrap();
    assert_eq!((run.state(), run.step()), (RunState::Cancelled, None));
    assert_eq!(world.jobs().await, 0, "nothing of it began");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_that_want_one_place_the_other_names_the_next_or_waits() {
    let world = World::start().await;
    let (fault, gate) = Fault::hold(PUT);
    let faults = world.endpoints.faults();
    faults.add(fault.when(|call| key_of(call).starts_with("RUN#")));
    let meanwhile = async {
        gate.reached().await;
        world.ask(2).await;
        finish(&world, 1).await;
        gate.release();
    };
    let (started, ()) = tokio::join!(world.ask(1), meanwhile);
    assert_eq!(started, Started::Recorded);
    for (guid, sequence) in [("2", 1), ("1", 2)] {
        let Verdict::Starting { start } = world.verdict(guid).await else {
            panic!("{guid} has a place");
        };
        assert_eq!(start.run, World::run_key(sequence), "{guid}");
        let run = world.run(sequence).await.unwrap();
        assert_eq!(run.id(), start.id, "{guid}");
    }
}

/// The calls of a start whose loss leaves something to be found by a due time: the head is there by then.
#[tokio::test]
async fn a_start_that_stopped_anywhere_behind_its_head_is_found_by_a_due_time() {
    type IsIt = fn(&Value) -> bool;
    let steps: [(&str, &str, IsIt); 6] = [
        ("putting the head", PUT, |call| {
            key_of(call).starts_with("RUN#")
        }),
        ("loading it", GET, |call| call["Key"]["sk"]["S"] != "DLV"),
        ("reading the stop in force", GET, |call| {
            call["Key"]["sk"]["S"] == "HLT"
        }),
        ("preparing the step", PUT, |call| {
            key_of(call).starts_with("STP#")
        }),
        ("committing", PUT, |call| {
            key_of(call).starts_with("RUN#") && call["Item"]["due_at"].is_null()
        }),
        ("sending the job", SEND, |_| true),
    ];
    for (name, target, is_it) in steps {
        for performed in [false, true] {
            let world = World::start().await;
            let fault = if performed {
                Fault::lose_answer(target, final_error())
            } else {
                Fault::refuse(target, final_error())
            };
            world.endpoints.faults().add(fault.when(is_it));
            let guid = world.ask_and_fail(1).await;
            if name == "putting the head" && !performed {
                // Nothing but the record is there, whose message comes again.
                world.ask(1).await;
            } else {
                world.look(MINUTE * 2).await;
            }
            let run = world.run(1).await.unwrap();
            assert_eq!(run.state(), RunState::Queued, "{name}: {performed}");
            assert!(
                run.head().due_at().is_none() && run.step().is_some(),
                "{name}"
            );
            assert!(world.jobs().await >= 1, "{name}: {performed}");
            // The message comes again all the same.
            world.ask(1).await;
            assert!(matches!(
                world.verdict(&guid).await,
                Verdict::Starting { .. }
            ));
            assert_eq!(world.run(2).await, None, "{name}: one request is one run");
        }
    }
}

#[tokio::test]
async fn a_step_that_an_earlier_attempt_has_left_is_the_one_that_a_later_one_names() {
    let world = World::start().await;
    let lost = Fault::lose_answer(PUT, final_error());
    let faults = world.endpoints.faults();
    faults.add(lost.when(|call| key_of(call).starts_with("STP#")));
    world.ask_and_fail(1).await;
    let orphan = world.run(1).await.unwrap();
    assert!(orphan.head().is_unbegun() && orphan.step().is_some());
    world.look(MINUTE * 2).await;
    let run = world.run(1).await.unwrap();
    assert_eq!(run.head().names(), Some(&RunHead::only_step()));
    assert_eq!(run.step().map(domain::StepAttempt::job), Some(orphan.job()));
}

#[tokio::test]
async fn looking_for_a_place_again_finds_the_run_of_the_same_request() {
    let world = World::start().await;
    let refused = Fault::refuse(QUERY, final_error());
    world.endpoints.faults().add(refused);
    world.ask_and_fail(1).await;
    assert_eq!(world.ask(1).await, Started::Recorded);
    finish(&world, 1).await;
    assert_eq!(world.ask(1).await, Started::Recorded);
    assert_eq!(world.run(2).await, None);
}
