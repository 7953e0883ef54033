//! What happens when something fails.

use engine::{Ended, Event, Plan, Status, names};
use serde_json::{Value, json};

use crate::{
    definitions::graph,
    world::{Answer, FAILS, World, step},
};

fn plan(rules: &str, more: &str, connections: &str) -> Plan {
    let call = format!(
        "call: {{type: action, subtype: http_request, parameters: {{url: 'https://a.example'}}{rules}}}"
    );
    let text = graph(
        &format!("{call}\n{more}"),
        &format!("{{from: start, to: call}}{connections}"),
    );
    Plan::read(&text).unwrap_or_else(|faults| panic!("{text}{faults}"))
}

const NOTHING: &str = "";
const AFTER: &str =
    "after: {type: action, subtype: data_transformation, parameters: {expression: '$'}}";

/// `(rules, what the tries answer, what is asked and waited for, how it ends)`.
type Row = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
    &'static str,
);

const OK: &str = "ok";
const FAILED: &str = names::TASK_FAILED;

const TABLE: &[Row] = &[
    ("", &[FAILED], &["ask call#1", "end failed"], "failed"),
    (
        ", retry: [{errors: [States.ALL]}]",
        &[FAILED, FAILED, FAILED, FAILED],
        &[
            "ask call#1",
            "wake call#2 in 1",
            "ask call#2",
            "wake call#3 in 2",
            "ask call#3",
            "wake call#4 in 4",
            "ask call#4",
            "end failed",
        ],
        "failed",
    ),
    (
        ", retry: [{errors: [States.ALL], max_attempts: 1}]",
        &[FAILED, OK],
        &[
            "ask call#1",
            "wake call#2 in 1",
            "ask call#2",
            "end succeeded",
        ],
        "succeeded",
    ),
    // The first rule that is for a failure decides, and counts by itself.
    (
        ", retry: [{errors: [Busy], interval_seconds: 30, max_attempts: 1}, {errors: [States.TaskFailed], max_attempts: 2}]",
        &["Busy", FAILED, FAILED, OK],
        &[
            "ask call#1",
            "wake call#2 in 30",
            "ask call#2",
            "wake call#3 in 1",
            "ask call#3",
            "wake call#4 in 2",
            "ask call#4",
            "end succeeded",
        ],
        "succeeded",
    ),
    (
        ", retry: [{errors: [Busy], interval_seconds: 30, max_attempts: 1}, {errors: [States.TaskFailed]}]",
        &["Busy", "Busy"],
        &[
            "ask call#1",
            "wake call#2 in 30",
            "ask call#2",
            "end failed",
        ],
        "failed",
    ),
    (
        ", retry: [{errors: [States.TaskFailed]}]",
        &[names::TIMEOUT],
        &["ask call#1", "end failed"],
        "failed",
    ),
    (
        ", retry: [{errors: [States.ALL]}]",
        &[names::DATA_LIMIT],
        &["ask call#1", "end failed"],
        "failed",
    ),
    (
        ", retry: [{errors: [States.Timeout], max_attempts: 1}]",
        &[names::TIMEOUT, OK],
        &[
            "ask call#1",
            "wake call#2 in 1",
            "ask call#2",
            "end succeeded",
        ],
        "succeeded",
    ),
    // A rule for trying again goes before one for going on.
    (
        ", retry: [{errors: [States.ALL], max_attempts: 1}], catch: [{errors: [States.ALL]}]",
        &[FAILED, FAILED],
        &[
            "ask call#1",
            "wake call#2 in 1",
            "ask call#2",
            "end succeeded",
        ],
        "caught",
    ),
    (
        ", catch: [{errors: [Busy], output: busy}, {errors: [States.ALL]}]",
        &["Busy"],
        &["ask call#1", "end succeeded"],
        "caught",
    ),
    (
        ", catch: [{errors: [States.ALL]}]",
        &[names::RUNTIME],
        &["ask call#1", "end failed"],
        "failed",
    ),
    (
        ", catch: [{errors: [States.Runtime]}]",
        &[names::RUNTIME],
        &["ask call#1", "end succeeded"],
        "caught",
    ),
];

#[test]
fn rules_decide_as_in_the_states_language() {
    for (rules, answers, log, end) in TABLE {
        let plan = plan(rules, NOTHING, NOTHING);
        let mut answers = answers.iter();
        let over = World::new(&plan, Value::Null).run(|_| match *answers.next().unwrap() {
            "ok" => Answer::Done(json!(1)),
            name => Answer::Fails(name),
        });
        let told: Vec<String> = over
            .world
            .log
            .iter()
            .map(|line| match line.strip_prefix("end ") {
                Some(how) if how.starts_with("Failed") => "end failed".to_owned(),
                Some(_) => "end succeeded".to_owned(),
                None => line.clone(),
            })
            .collect();
        assert_eq!(&told, log, "{rules}");
        let status = over.world.statuses()["call"];
        let expected = match *end {
            "failed" => Status::Failed,
            "caught" => Status::Caught,
            _ => Status::Succeeded,
        };
        assert_eq!(status, expected, "{rules}");
    }
}

#[test]
fn what_is_caught_leads_on_with_the_failure() {
    let plan = plan(
        ", catch: [{errors: [States.ALL], output: lost}]",
        AFTER,
        ", {from: call, output: lost, to: after}",
    );
    let over = World::new(&plan, Value::Null).run(|_| FAILS);
    assert_eq!(over.ended(), &Ended::Succeeded);
    assert_eq!(
        over.result(),
        json!({"error": "States.TaskFailed", "cause": "as the script says"})
    );
    let over = World::new(&plan, Value::Null).run(|_| Answer::Done(json!(1)));
    assert!(over.is("after", Status::Skipped));
}

#[test]
fn a_failure_that_nothing_catches_ends_what_is_beside_it() {
    let beside = "beside: {type: action, subtype: http_request, parameters: {url: 'https://b.example'}}\nlater: {type: flow, subtype: merge}";
    let plan = plan(
        "",
        beside,
        ", {from: start, to: beside}, {from: beside, to: later}",
    );
    let over = World::new(&plan, Value::Null).run(|order| match order.step.path.node() {
        "call" => FAILS,
        _ => Answer::Silent,
    });
    assert_eq!(over.failed_by(), names::TASK_FAILED);
    assert!(over.world.log.contains(&"close beside#1 Failed".to_owned()));
    assert!(over.is("beside", Status::Skipped) && over.is("later", Status::Skipped));
}

#[test]
fn a_run_may_hold_a_failure_for_somebody() {
    let text = graph(
        "call: {type: action, subtype: http_request, parameters: {url: 'https://a.example'}}",
        "{from: start, to: call}",
    ) + "on_failure: hold\n";
    let plan = Plan::read(&text).unwrap();
    let mut world = World::new(&plan, Value::Null);
    world.start();
    world.answer_next(&mut |_| FAILS);
    assert_eq!(
        (world.state.ended(), world.statuses()["call"]),
        (None, Status::Held)
    );
    // A wish names the try that it makes; others change nothing.
    for wrong in ["call#1", "call#3", "other#2"] {
        world.happens(Event::Retry { step: step(wrong) });
        assert_eq!(world.statuses()["call"], Status::Held, "{wrong}");
    }
    world.happens(Event::Retry {
        step: step("call#2"),
    });
    assert_eq!(world.log.last().unwrap(), "ask call#2");
    world.answer_next(&mut |_| Answer::Done(json!(1)));
    assert_eq!(world.state.ended(), Some(&Ended::Succeeded));
    let mut world = World::new(&plan, Value::Null);
    world.start();
    world.answer_next(&mut |_| FAILS);
    world.happens(Event::Stop(engine::Stop::Expired));
    assert_eq!(world.state.ended(), Some(&Ended::Expired));
}

#[test]
fn jitter_follows_from_the_step_and_is_the_same_each_time() {
    let plan = plan(
        ", retry: [{errors: [States.ALL], interval_seconds: 1000, jitter: full}]",
        NOTHING,
        NOTHING,
    );
    let delays = || {
        let over = World::new(&plan, Value::Null).run(|_| FAILS);
        let wakes = over
            .world
            .log
            .iter()
            .filter(|line| line.starts_with("wake"));
        wakes.cloned().collect::<Vec<_>>()
    };
    let first = delays();
    assert_eq!(first, delays());
    assert_eq!(first.len(), 3);
    assert!(first[0] != "wake call#2 in 1000", "{first:?}");
}

#[test]
fn a_body_that_is_tried_again_has_other_paths() {
    let each = "each: {type: flow, subtype: for_each, retry: [{errors: [States.ALL], max_attempts: 1}], body: {nodes: {get: {type: action, subtype: http_request, parameters: {url: 'https://a.example'}}}}}";
    let text = graph(each, "{from: start, to: each}");
    let plan = Plan::read(&text).unwrap();
    let mut tries = 0;
    let over = World::new(&plan, json!([1])).run(|_| {
        tries += 1;
        if tries == 1 {
            FAILS
        } else {
            Answer::Done(json!("second"))
        }
    });
    assert_eq!(over.asked(), ["each.0.get#1", "each~2.0.get#1"]);
    assert_eq!(over.result(), json!(["second"]));
}

#[test]
fn an_expression_that_loops_fails_its_node_and_can_be_caught() {
    let node = "look: {type: action, subtype: data_transformation, parameters: {expression: '($f := function() { $f() }; $f())'}, catch: [{errors: [States.QueryEvaluationError]}]}";
    let text = graph(
        &format!("{node}\n{}", AFTER.replace("'$'", "$input.error")),
        "{from: start, to: look}, {from: look, output: error, to: after}",
    );
    let plan = Plan::read(&text).unwrap();
    let over = World::new(&plan, Value::Null).run(|order| panic!("{}", order.step));
    assert_eq!(over.result(), json!(names::QUERY));
}
