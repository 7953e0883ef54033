//! `triage` dies between any two of its steps.

use std::collections::BTreeMap;

use aws_local::{AwsError, Fault};
use domain::{Run, RunState, Verdict};
use jiff::SignedDuration;
use serde_json::Value;
use testkit::INVESTIGATE;

use crate::{
    ingress_support::{DELIVERIES, eventually},
    support::{ADA, HONEST_AGENT, World},
};

/// One call to AWS on the way of a good delivery.
#[derive(Clone, Copy, Debug)]
struct Step {
    name: &'static str,
    target: &'static str,
    /// Whether a call of that target is this step of the delivery with that GUID.
    is_it: fn(&Value, guid: &str) -> bool,
    /// Whether the delivery is put on record as left half-way when the step fails.
    recorded: bool,
}

const PUT: &str = "DynamoDB_20120810.PutItem";

const GET: &str = "DynamoDB_20120810.GetItem";
const QUERY: &str = "DynamoDB_20120810.Query";

/// All of them for a start, in their order.
const STEPS: [Step; 10] = [
    Step {
        name: "looking for an earlier verdict",
        target: GET,
        is_it: |call, guid| is_of(call, guid),
        recorded: false,
    },
    Step {
        name: "looking for other runs",
        target: QUERY,
        is_it: |call, _| call.to_string().contains("RUN#"),
        recorded: true,
    },
    Step {
        name: "writing the brief",
        target: PUT,
        is_it: |call, _| sort_key(call).starts_with("BRF#"),
        recorded: true,
    },
    Step {
        name: "naming the place",
        target: PUT,
        is_it: |call, guid| is_of(call, guid) && verdict(call) == "starting",
        recorded: true,
    },
    Step {
        name: "putting the head",
        target: PUT,
        is_it: |call, _| sort_key(call).starts_with("RUN#") && creates(call),
        recorded: true,
    },
    Step {
        name: "looking for a request to stop",
        target: GET,
        is_it: |call, _| key(call) == "HLT",
        recorded: true,
    },
    Step {
        name: "preparing the step",
        target: PUT,
        is_it: |call, _| sort_key(call).starts_with("STP#"),
        recorded: true,
    },
    Step {
        name: "committing the head",
        target: PUT,
        is_it: |call, _| sort_key(call).starts_with("RUN#") && !creates(call),
        recorded: true,
    },
    Step {
        name: "queueing the job",
        target: "AmazonSQS.SendMessage",
        is_it: |call, _| call["QueueUrl"].to_string().contains("JobsQueue"),
        recorded: true,
    },
    Step {
        name: "taking the message away",
        target: "AmazonSQS.DeleteMessageBatch",
        is_it: |call, _| call["QueueUrl"].to_string().contains("DeliveriesQueue"),
        recorded: false,
    },
];

/// All of them for a stop of one run, in their order, but for loading the head and its step, which `relay` reads as well.
const STOP_STEPS: [Step; 10] = [
    STEPS[0],
    Step {
        name: "putting the stop in force",
        target: PUT,
        is_it: |call, _| sort_key(call) == "HLT",
        recorded: true,
    },
    Step {
        name: "looking for runs of the first definition",
        target: QUERY,
        is_it: |call, _| call.to_string().contains("RUN#implement#"),
        recorded: true,
    },
    Step {
        name: "looking for runs of the second definition",
        target: QUERY,
        is_it: |call, _| call.to_string().contains("RUN#investigate#"),
        recorded: true,
    },
    Step {
        name: "naming what is stopped",
        target: PUT,
        is_it: |call, guid| is_of(call, guid) && verdict(call) == "stopping",
        recorded: true,
    },
    Step {
        name: "committing that the run is to end",
        target: PUT,
        is_it: |call, _| sort_key(call).starts_with("RUN#") && state(call) == "closing",
        recorded: true,
    },
    Step {
        name: "closing the step",
        target: PUT,
        is_it: |call, _| {
            let closes = sort_key(call).starts_with("STP#") && state(call) == "closed";
            closes && !call["Item"]["due_at"].is_null()
        },
        recorded: true,
    },
    Step {
        name: "committing that the run is over",
        target: PUT,
        is_it: |call, _| sort_key(call).starts_with("RUN#") && state(call) == "over",
        recorded: true,
    },
    Step {
        name: "taking the step's due time",
        target: PUT,
        is_it: |call, _| {
            let closes = sort_key(call).starts_with("STP#") && state(call) == "closed";
            closes && call["Item"]["due_at"].is_null()
        },
        recorded: true,
    },
    STEPS[9],
];

/// How often the head and its step are loaded for a stop: before the step is closed, and after.
const LOADED_TO_STOP: u64 = 4;

fn key(call: &Value) -> &str {
    call["Key"]["sk"]["S"].as_str().unwrap_or_default()
}

fn state(call: &Value) -> &str {
    let state = &call["Item"]["state"]["M"]["is"]["S"];
    state.as_str().unwrap_or_default()
}

fn verdict(call: &Value) -> &str {
    let verdict = &call["Item"]["is"]["M"]["verdict"]["S"];
    verdict.as_str().unwrap_or_default()
}

fn sort_key(call: &Value) -> &str {
    call["Item"]["sk"]["S"].as_str().unwrap_or_default()
}

fn creates(call: &Value) -> bool {
    call["ConditionExpression"] == "attribute_not_exists(pk)"
}

/// Whether a call is about the record of that delivery.
fn is_of(call: &Value, guid: &str) -> bool {
    let key = if call["Key"].is_null() {
        &call["Item"]
    } else {
        &call["Key"]
    };
    key["pk"].to_string().contains(guid) || key["sk"].to_string().contains(guid)
}

/// How a step goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// It is not performed.
    Refused,
    /// It is performed, and nobody hears of it.
    AnswerLost,
}

/// What comes after the step that went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    /// `triage` puts on record that it stopped half-way.
    Record,
    /// It does nothing any more, as when its process is gone.
    Nothing,
}

/// An error that no client tries again by itself.
fn final_error() -> AwsError {
    AwsError::new(400, "AccessDeniedException")
}

/// Sends a request for work on a new issue, in which `step` goes wrong once.
async fn stumble(world: &mut World, step: Step, way: Way, then: Then) -> String {
    world.next_issue().await;
    stumble_over(world, "bot:investigate", step, way, then).await
}

/// Sends `text` as a comment, in whose handling `step` goes wrong once.
async fn stumble_over(world: &World, text: &str, step: Step, way: Way, then: Then) -> String {
    let hook = world.unsent(ADA, text).await;
    let faults = world.stack.endpoints().faults();
    let fault = match way {
        Way::Refused => Fault::refuse(step.target, final_error()),
        Way::AnswerLost => Fault::lose_answer(step.target, final_error()),
    };
    let guid = hook.guid.clone();
    // `relay` reads runs too; messages are taken away by whoever brings them.
    let fault = if step.target.starts_with("DynamoDB") {
        fault.by("triage")
    } else {
        fault
    };
    faults.add(fault.when(move |call| (step.is_it)(call, &guid)));
    if step.recorded && then == Then::Nothing {
        let guid = hook.guid.clone();
        let recording = move |call: &Value| is_of(call, &guid) && !call["Item"]["due_at"].is_null();
        let fault = Fault::refuse(PUT, final_error()).by("triage");
        faults.add(fault.when(recording));
    }
    assert_eq!(world.caller().deliver(&hook).await, 202);
    world.all_struck().await;
    if step.recorded && then == Then::Record {
        world.is_interrupted(&hook.guid).await;
    }
    hook.guid
}

/// The request is granted once, by a daemon, and told of in one comment.
async fn is_done_once(world: &World, guid: &str, case: &str) {
    world.has_started(guid, INVESTIGATE).await;
    world.queue_holds(DELIVERIES, 0, 0).await;
    let _daemon = world.daemon(HONEST_AGENT);
    world.bot_says("`investigate` succeeded").await;
    let run = world.is_told(INVESTIGATE).await;
    assert_eq!(run.fence().0, 1, "{case}: it was worked on once");
    assert_eq!(world.runs(INVESTIGATE).await.len(), 1, "{case}");
}

/// Every step goes wrong in one way, and the message comes again by itself.
async fn the_message_comes_again(way: Way, then: Then) {
    let mut world = World::quiet().await;
    for step in STEPS {
        let guid = stumble(&mut world, step, way, then).await;
        world.taken_up().await;
        is_done_once(&world, &guid, step.name).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_is_refused_is_done_when_the_message_comes_again() {
    the_message_comes_again(Way::Refused, Then::Record).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_whose_answer_is_lost_is_not_done_twice_when_the_message_comes_again() {
    the_message_comes_again(Way::AnswerLost, Then::Record).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn death_before_a_step_is_made_good_when_the_message_comes_again() {
    the_message_comes_again(Way::Refused, Then::Nothing).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn death_after_a_step_is_made_good_when_the_message_comes_again() {
    the_message_comes_again(Way::AnswerLost, Then::Nothing).await;
}

/// A run is stopped by a request in which a step goes wrong, while its daemon has not come; then the same is asked
/// for again before the request is gone through once more.
async fn a_stop_stumbles(way: Way, then: Then) {
    let mut world = World::quiet().await;
    let order = STOP_STEPS.into_iter().enumerate();
    for (place, step) in order {
        world.next_issue().await;
        let asked = world.ask(ADA, "bot:investigate").await;
        world.has_started(&asked.guid, INVESTIGATE).await;
        let guid = stumble_over(&world, "bot:stop", step, way, then).await;
        // Once the first run is over, the same is asked for again before the request is gone through once more.
        let before = world.runs(INVESTIGATE).await.remove(0);
        let again = before.finished().is_some();
        if again {
            let asked = world.ask(ADA, "bot:investigate").await;
            let started = |verdict: &Verdict| matches!(verdict, Verdict::Starting { .. });
            world.verdict_is(&asked.guid, started).await;
        }
        world.taken_up().await;
        let stopped = |verdict: &Verdict| matches!(verdict, Verdict::Stopping { runs, waiting: 0 } if runs.len() == 1);
        world.verdict_is(&guid, stopped).await;
        let expected: &[RunState] = if again {
            &[RunState::Queued, RunState::Cancelled]
        } else {
            &[RunState::Cancelled]
        };
        // What it ends is on record before that.
        let what = format!("{place}: {}: {expected:?}", step.name);
        eventually(&what, async || {
            let runs = world.runs(INVESTIGATE).await;
            let states: Vec<RunState> = runs.iter().map(Run::state).collect();
            (states == expected).then_some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_of_which_a_step_is_refused_stops_what_it_meant() {
    a_stop_stumbles(Way::Refused, Then::Record).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_that_dies_before_a_step_stops_what_it_meant() {
    a_stop_stumbles(Way::Refused, Then::Nothing).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_of_which_an_answer_is_lost_stops_what_it_meant_and_nothing_later() {
    a_stop_stumbles(Way::AnswerLost, Then::Record).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_that_dies_after_a_step_stops_what_it_meant_and_nothing_later() {
    a_stop_stumbles(Way::AnswerLost, Then::Nothing).await;
}

/// Every step goes wrong that leaves a record, the message is lost, and the scheduler takes the delivery up.
async fn the_scheduler_takes_it_up(way: Way) {
    let mut world = World::quiet().await;
    for step in STEPS.into_iter().filter(|step| step.recorded) {
        let guid = stumble(&mut world, step, way, Then::Record).await;
        let purge = world.sqs().purge_queue();
        let purge = purge.queue_url(&world.queue(DELIVERIES).url);
        purge.send().await.unwrap();
        assert_eq!(world.stack.tick().await.unwrap()["resumed"], 0);
        world.advance(SignedDuration::from_mins(17));
        let swept = world.stack.tick().await.unwrap();
        assert_eq!(
            (&swept["resumed"], &swept["failed"]),
            (&1.into(), &0.into()),
            "{}: {swept}",
            step.name
        );
        is_done_once(&world, &guid, step.name).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_step_whose_message_is_lost_is_taken_up_by_the_scheduler() {
    the_scheduler_takes_it_up(Way::Refused).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_whose_message_is_lost_is_taken_up_by_the_scheduler() {
    the_scheduler_takes_it_up(Way::AnswerLost).await;
}

/// A passing fault is not even noticed: the client tries again, and a write that was performed the first time
/// is not taken for somebody else's.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_lost_on_the_way_needs_no_second_message() {
    let world = World::quiet().await;
    let hook = world.unsent(ADA, "bot:investigate").await;
    for step in STEPS {
        let guid = hook.guid.clone();
        let fault = Fault::lose_answer(step.target, AwsError::internal());
        let faults = world.stack.endpoints().faults();
        faults.add(fault.when(move |call| (step.is_it)(call, &guid)));
    }
    assert_eq!(world.caller().deliver(&hook).await, 202);
    world.all_struck().await;
    is_done_once(&world, &hook.guid, "all of them").await;
    let calls = world.calls_of("triage");
    assert_eq!(calls.get("GetItem"), Some(&4), "{calls:?}");
}

/// The steps above are all there are: whoever adds a call to `triage` adds it there too.
#[tokio::test(flavor = "multi_thread")]
async fn no_step_of_a_stop_is_left_out() {
    let world = World::quiet().await;
    let asked = world.ask(ADA, "bot:investigate").await;
    world.has_started(&asked.guid, INVESTIGATE).await;
    world.queue_holds(DELIVERIES, 0, 0).await;
    world.bot_says("`investigate` is queued").await;
    world.stack.endpoints().forget_calls();
    world.ask(ADA, "bot:stop").await;
    world.bot_says("`investigate` was stopped").await;
    world.queue_holds(DELIVERIES, 0, 0).await;
    let mut expected = BTreeMap::new();
    for step in STOP_STEPS {
        let (_, action) = step.target.split_once('.').unwrap();
        *expected.entry(action.to_owned()).or_insert(0) += 1;
    }
    *expected.entry("GetItem".to_owned()).or_insert(0) += LOADED_TO_STOP;
    expected.remove("DeleteMessageBatch");
    assert_eq!(world.calls_of("triage"), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_step_is_left_out() {
    let world = World::quiet().await;
    let hook = world.ask(ADA, "bot:investigate").await;
    world.has_started(&hook.guid, INVESTIGATE).await;
    eventually("the message is taken away", async || {
        (world.asked_of(DELIVERIES, "DeleteMessageBatch") == 1).then_some(())
    })
    .await;
    let mut expected = BTreeMap::new();
    for step in STEPS {
        let (_, action) = step.target.split_once('.').unwrap();
        *expected.entry(action.to_owned()).or_insert(0) += 1;
    }
    let mut made = world.calls_of("triage");
    let events = world.calls_of("triage-events");
    // A policy knows the batch as what it is made of.
    made.insert("DeleteMessageBatch".to_owned(), events["DeleteMessage"]);
    assert_eq!(made, expected);
}
