//! What is promised, done.

use engine::{Ended, Event, Stop};
use serde_json::{Value, json};

use crate::{
    flow::{call, compute, nobody, plan, run},
    world::{Answer, FAILS, World},
};

fn wait(id: &str) -> String {
    format!("{id}: {{type: flow, subtype: wait, parameters: {{for: event, key: {id}}}}}")
}

fn guard(id: &str, nodes: &str, connections: &str, more: &str) -> String {
    format!(
        "{id}: {{type: flow, subtype: timeout, body: {{nodes: {{{nodes}}}, connections: [{connections}]}}{more}}}"
    )
}

#[test]
fn steps_follow_one_another_and_hand_on_what_they_give() {
    let nodes = [
        call("one"),
        compute("add", "$input + 1"),
        call("two"),
        compute("all", "[$nodes.one, $nodes.two]"),
    ];
    let plan = plan(
        &nodes,
        &[
            ("start", "one"),
            ("one", "add"),
            ("add", "two"),
            ("two", "all"),
        ],
    );
    let over = run(&plan, Value::Null, |order| {
        if order.step.path.node() == "one" {
            return Answer::Done(json!(1));
        }
        assert_eq!(order.parameters["input"], json!(2));
        Answer::Done(json!(3))
    });
    assert_eq!(
        (over.result(), over.asked()),
        (json!([1, 3]), vec!["one#1", "two#1"])
    );
}

#[test]
fn values_of_every_shape_are_handed_on() {
    let plan = plan(
        &[call("give"), compute("take", "$input")],
        &[("start", "give"), ("give", "take")],
    );
    for value in [
        json!(null),
        json!(7),
        json!("text"),
        json!([1, [2]]),
        json!({"a": {"b": [true, null, 1.5]}}),
    ] {
        assert_eq!(
            run(&plan, Value::Null, |_| Answer::Done(value.clone())).result(),
            value
        );
    }
}

#[test]
fn waits_follow_one_another_and_may_be_long() {
    let delay = |id: &str, seconds: u32| {
        format!("{id}: {{type: flow, subtype: delay, parameters: {{seconds: {seconds}}}}}")
    };
    let nodes = [
        delay("short", 1),
        delay("hour", 3600),
        delay("month", 2_592_000),
        compute("then", "$input"),
    ];
    let plan = plan(
        &nodes,
        &[
            ("start", "short"),
            ("short", "hour"),
            ("hour", "month"),
            ("month", "then"),
        ],
    );
    let over = run(&plan, json!("as it was"), |_| Answer::Done(Value::Null));
    assert_eq!(over.asked(), ["short#1", "hour#1", "month#1"]);
    assert_eq!(over.result(), json!("as it was"));
}

#[test]
fn answers_come_in_any_order_in_time_or_not() {
    let plan = plan(
        &[wait("a"), wait("b"), call("beside"), compute("both", "$")],
        &[
            ("start", "a"),
            ("start", "b"),
            ("start", "beside"),
            ("a", "both"),
            ("b", "both"),
        ],
    );
    let answer = |order: &engine::Order| Answer::Done(json!(order.step.path.node()));
    for first in ["a", "b"] {
        let mut late = true;
        let over = run(&plan, Value::Null, |order| {
            // The one that is asked for first may be answered last.
            if std::mem::take(&mut late) && order.step.path.node() != first {
                Answer::Silent
            } else {
                answer(order)
            }
        });
        if first == "a" {
            assert_eq!(over.output("both"), &json!({"a": "a", "b": "b"}));
        } else {
            assert_eq!(over.failed_by(), "States.Timeout");
        }
    }
    let over = run(&plan, Value::Null, |order| match order.step.path.node() {
        "b" => FAILS,
        _ => answer(order),
    });
    assert_eq!(over.failed_by(), "States.TaskFailed");
}

#[test]
fn bodies_stand_in_bodies_and_give_what_their_ends_give() {
    let inner = guard(
        "inner",
        &format!("{}, {}", call("one"), call("two")),
        "{from: one, to: two}",
        "",
    );
    let later = "later: {type: flow, subtype: delay, parameters: {seconds: 9}}";
    let outer = guard(
        "outer",
        &format!("{inner}, {later}"),
        "{from: inner, to: later}",
        "",
    );
    let plan = plan(
        &[outer, call("after")],
        &[("start", "outer"), ("outer", "after")],
    );
    let over = run(&plan, Value::Null, |order| {
        match order.step.path.to_string().as_str() {
            "outer" | "outer.0.inner" => Answer::Silent,
            "outer.0.inner.0.two" => Answer::Done(Value::Null),
            path => Answer::Done(json!(path)),
        }
    });
    assert_eq!(over.ended(), &Ended::Succeeded);
    assert_eq!(over.output("outer"), &Value::Null);
    assert_eq!(over.asked().last(), Some(&"after#1"));
}

#[test]
fn what_fails_in_a_body_fails_its_node_which_may_catch_it() {
    let step = "one: {type: action, subtype: http_request, parameters: {url: 'https://a.example'}, retry: [{errors: [States.ALL], max_attempts: 1}]}";
    for (catch, caught) in [("", false), (", catch: [{errors: [States.ALL]}]", true)] {
        let plan = plan(&[guard("body", step, "", catch)], &[("start", "body")]);
        let failing = |most: usize| {
            let mut failed = 0;
            move |order: &engine::Order| {
                if order.step.path.node() == "body" {
                    return Answer::Silent;
                }
                failed += 1;
                if failed <= most {
                    FAILS
                } else {
                    Answer::Done(json!("done"))
                }
            }
        };
        assert_eq!(run(&plan, Value::Null, failing(1)).result(), json!("done"));
        let over = run(&plan, Value::Null, failing(2));
        assert_eq!(over.ended() == &Ended::Succeeded, caught);
    }
}

#[test]
fn other_runs_are_started_and_waited_for() {
    let child = |catch: &str| {
        format!(
            "child: {{type: flow, subtype: sub_run, parameters: {{definition: implement, input: {{of: '{{% $input %}}'}}}}{catch}}}"
        )
    };
    let plain = plan(&[child("")], &[("start", "child")]);
    let echo =
        |order: &engine::Order| Answer::Done(order.parameters["parameters"]["input"].clone());
    assert_eq!(run(&plain, json!([1]), echo).result(), json!({"of": [1]}));
    assert_eq!(
        run(&plain, json!(1), |_| FAILS).failed_by(),
        "States.TaskFailed"
    );
    assert_eq!(
        run(&plain, json!(1), |_| Answer::Unchanged).ended(),
        &Ended::Unchanged
    );
    let caught = plan(
        &[child(", catch: [{errors: [States.ALL]}]")],
        &[("start", "child")],
    );
    assert_eq!(run(&caught, json!(1), |_| FAILS).ended(), &Ended::Succeeded);
}

#[test]
fn a_condition_is_looked_at_until_it_holds() {
    let body = format!(
        "{}, pause: {{type: flow, subtype: delay, parameters: {{seconds: 5}}}}",
        call("look")
    );
    let poll = format!(
        "poll: {{type: flow, subtype: while, parameters: {{condition: '$iteration = 0 or $last.ready != true', max_iterations: 5}}, body: {{nodes: {{{body}}}, connections: [{{from: look, to: pause}}]}}}}"
    );
    let plan = plan(
        &[poll, compute("then", "$input.at")],
        &[("start", "poll"), ("poll", "then")],
    );
    let ready_at = |most: u32| {
        let mut looked = 0;
        move |order: &engine::Order| {
            if order.step.path.node() == "pause" {
                return Answer::Done(Value::Null);
            }
            looked += 1;
            Answer::Done(json!({"ready": looked >= most, "at": looked}))
        }
    };
    assert_eq!(run(&plan, Value::Null, ready_at(1)).result(), json!(1));
    assert_eq!(run(&plan, Value::Null, ready_at(3)).result(), json!(3));
    assert_eq!(
        run(&plan, Value::Null, ready_at(9)).failed_by(),
        "States.LoopLimitExceeded"
    );
}

#[test]
fn what_is_handed_in_is_answered_later() {
    let nodes = [
        call("hand_in"),
        wait("answer"),
        call("next"),
        wait("second"),
    ];
    let plan = plan(
        &nodes,
        &[
            ("start", "hand_in"),
            ("hand_in", "answer"),
            ("answer", "next"),
            ("next", "second"),
        ],
    );
    let over = run(&plan, Value::Null, |order| {
        Answer::Done(json!(order.step.path.node()))
    });
    assert_eq!(
        over.asked(),
        ["hand_in#1", "answer#1", "next#1", "second#1"]
    );
    assert_eq!(over.result(), json!("second"));
}

#[test]
fn large_values_are_handed_on_and_too_large_ones_are_a_failure() {
    let each =
        "each: {type: flow, subtype: for_each, body: {nodes: {one: {type: flow, subtype: merge}}}}";
    let whole = plan(&[each.to_owned()], &[("start", "each")]);
    let items = json!(["x".repeat(300_000), "y".repeat(300_000)]);
    assert_eq!(run(&whole, items.clone(), nobody).result(), items);
    let double = "$join($map([1..2000], function($i) { $input }))";
    let node = compute("large", double);
    let plan = plan(&[node], &[("start", "large")]);
    let over = run(&plan, json!("x".repeat(1000)), nobody);
    assert_eq!(over.failed_by(), "States.QueryEvaluationError");
    let whole = plan_of_two_copies();
    let over = run(&whole, json!("x".repeat(600_000)), nobody);
    assert_eq!(over.failed_by(), "States.DataLimitExceeded");
}

/// Each half fits, and both together do not.
fn plan_of_two_copies() -> engine::Plan {
    plan(
        &[
            "a: {type: flow, subtype: merge}".to_owned(),
            "b: {type: flow, subtype: merge}".to_owned(),
            "both: {type: flow, subtype: merge}".to_owned(),
        ],
        &[("start", "a"), ("start", "b"), ("a", "both"), ("b", "both")],
    )
}

#[test]
fn items_know_their_place() {
    let each = "each: {type: flow, subtype: for_each, parameters: {concurrency: 1}, body: {nodes: {sum: {type: action, subtype: data_transformation, parameters: {expression: $item + $index}}}}}";
    let plan = plan(&[each.to_owned()], &[("start", "each")]);
    assert_eq!(
        run(&plan, json!([10, 20, 30]), nobody).result(),
        json!([10, 21, 32])
    );
}

#[test]
fn a_stopped_run_closes_what_is_in_bodies_too() {
    let plan = plan(&[guard("body", &call("one"), "", "")], &[("start", "body")]);
    let mut world = World::new(&plan, Value::Null);
    world.start();
    world.happens(Event::Stop(Stop::Expired));
    assert_eq!(world.state.ended(), Some(&Ended::Expired));
    assert_eq!(
        world.log[2..],
        [
            "close body.0.one#1 Expired",
            "close body#1 Expired",
            "end Expired"
        ]
    );
}
