//! What the model and the table say of an item, in the model's words.

use domain::{
    Control, FailureKind, HeadState, Outcome, RunHead, StepState, TrackingState, Verdict,
};
use serde_json::{Value, json};

use super::{
    Replay,
    requests::{key_of, number, run_key},
};
use testkit::IMPLEMENT;

/// What the model says of an item, and what the table does.
pub(super) async fn compared(replay: &Replay, item: &Value) -> (Value, Value) {
    let (kind, what) = match item {
        Value::Object(map) => map.iter().next().unwrap(),
        other => panic!("{other}"),
    };
    match kind.as_str() {
        "head" => (
            expected_head(replay, &what[1]),
            head(replay, what[0].as_str().unwrap()).await,
        ),
        "step" => (
            expected_step(&what[2]),
            step(replay, what[0].as_str().unwrap()).await,
        ),
        "place" => (
            expected_place(&what[1]),
            place(replay, what[0].as_str().unwrap()).await,
        ),
        "record" => (
            what[1].clone(),
            record(replay, what[0].as_str().unwrap()).await,
        ),
        "ask" => (
            what[1].clone(),
            asks(replay, what[0].as_str().unwrap()).await,
        ),
        "halt" => {
            let subject = replay.requests.order(1).subject.key();
            let stop = replay.store().stop(&subject).await.unwrap();
            let asked = stop.map(|stop| stop.asked.at().as_second());
            (what.clone(), json!(asked))
        }
        other => panic!("{other} is not known here"),
    }
}

fn expected_head(replay: &Replay, head: &Value) -> Value {
    let node = &head["nodes"][0];
    let state = match node {
        Value::String(state) => state.clone(),
        Value::Object(map) => map.keys().next().unwrap().clone(),
        other => panic!("{other}"),
    };
    let over = !head["end"].is_null();
    // Where nobody is told, the model leaves out that an end is due until it is.
    let due = (!over || replay.requests.is_told).then(|| head["due"].clone());
    json!({
        "version": head["version"],
        "state": if over { "over" } else { state.as_str() },
        "control": head["control"],
        "end": head["end"],
        "due": due,
    })
}

async fn head(replay: &Replay, run: &str) -> Value {
    let head = replay.store().head(&run_key(run)).await.unwrap().unwrap();
    let state = match head.state() {
        HeadState::Unbegun => "ready",
        HeadState::Waiting(_) => "waiting",
        HeadState::Closing(_) => "closing",
        HeadState::Over(_) => "over",
    };
    let over = head.finished().is_some();
    let due = (!over || replay.requests.is_told).then(|| json!(head.due_at().is_some()));
    json!({
        "version": head.version().0,
        "state": state,
        "control": control(&head),
        "end": head.finished().map(|finished| outcome(&finished.outcome)),
        "due": due,
    })
}

fn control(head: &RunHead) -> Value {
    match head.control() {
        None => Value::Null,
        Some(Control::Deadline) => json!("deadline"),
        Some(Control::Stop(stop)) => json!({ "stop": stop.asked.at().as_second() }),
    }
}

fn outcome(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Unchanged | Outcome::Succeeded { .. } => "succeeded",
        Outcome::Cancelled => "cancelled",
        Outcome::Expired => "expired",
        Outcome::Failed { failure } if failure.kind() == FailureKind::WorkerLost => "worker_lost",
        Outcome::Failed { .. } | Outcome::Incomplete { .. } => "something else",
    }
}

/// Whether a lease has run out stands in no item.
fn expected_step(step: &Value) -> Value {
    let state = match &step["state"] {
        Value::String(state) => json!(state),
        Value::Object(map) if map.contains_key("running") => json!("running"),
        other => other.clone(),
    };
    json!({
        "basis": step["basis"],
        "state": state,
        "fence": step["fence"],
        "losses": step["losses"],
        "due": step["due"],
    })
}

async fn step(replay: &Replay, run: &str) -> Value {
    let step = replay.step(run).await.into_value();
    let state = match step.state() {
        StepState::Queued { .. } | StepState::Delayed { .. } => json!("queued"),
        StepState::Running(_) => json!("running"),
        StepState::Closed(finished) => json!({ "closed": outcome(&finished.outcome) }),
    };
    json!({
        "basis": step.basis().0,
        "state": state,
        "fence": step.fence().0,
        "losses": step.leases().lost,
        "due": step.due_at().is_some(),
    })
}

fn expected_place(place: &Value) -> Value {
    let posts = place["poster"] != "nobody";
    json!({ "posts": posts, "told": place["told"] })
}

async fn place(replay: &Replay, run: &str) -> Value {
    let place = replay.place(run).await.into_value();
    let posts = matches!(place.state(), TrackingState::Posting { .. });
    json!({ "posts": posts, "told": place.is_told() })
}

async fn record(replay: &Replay, delivery: &str) -> Value {
    let key = key_of(number(delivery));
    let record = replay.store().delivery(&key, replay.now).await.unwrap();
    match record.map(|record| record.verdict) {
        None => json!("absent"),
        Some(Verdict::Starting { start }) => {
            json!({ "starting": format!("run {}", start.run.sequence) })
        }
        Some(Verdict::Waiting { .. }) => json!("waiting"),
        Some(Verdict::Stopping { runs, .. }) => {
            let first = runs.first().map(|run| format!("run {}", run.sequence));
            json!({ "stopping": first })
        }
        Some(Verdict::Refused { .. }) => json!("refused"),
        Some(other) => json!(other.name()),
    }
}

async fn asks(replay: &Replay, delivery: &str) -> Value {
    let order = replay.requests.order(number(delivery));
    let (subject, id) = (order.subject.key(), order.id);
    let ask = replay.store().ask(&subject, IMPLEMENT, id).await.unwrap();
    json!(ask.is_some())
}
