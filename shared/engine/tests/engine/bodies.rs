//! Nodes with bodies, and how large their states are.

use engine::{Ended, Plan};
use serde_json::{Value, json};

use crate::{
    flow::{nobody, plan, run},
    world::{Answer, FAILS, World},
};

fn each(parameters: &str) -> String {
    format!(
        "each: {{type: flow, subtype: for_each, parameters: {{{parameters}}}, body: {{nodes: {{get: {{type: action, subtype: http_request, parameters: {{url: 'https://a.example', body: '{{% $item %}}'}}}}}}}}}}"
    )
}

#[test]
fn a_body_runs_for_each_item_as_many_at_once_as_may() {
    let plan = plan(&[each("concurrency: 3")], &[("start", "each")]);
    let mut world = World::new(&plan, json!([10, 20, 30, 40, 50]));
    world.start();
    assert_eq!(
        world.log,
        ["ask each.0.get#1", "ask each.1.get#1", "ask each.2.get#1"]
    );
    let mut double = |order: &engine::Order| {
        let item = order.parameters["parameters"]["body"].as_u64().unwrap();
        Answer::Done(json!(item * 2))
    };
    world.answer_next(&mut double);
    assert_eq!(world.log.len(), 4);
    let over = run(&plan, json!([10, 20, 30, 40, 50]), double);
    assert_eq!(over.result(), json!([20, 40, 60, 80, 100]));
    assert_eq!(run(&plan, json!([]), nobody).result(), json!([]));
}

#[test]
fn as_many_items_may_fail_as_is_said() {
    let failing = |failures: &'static [&'static str]| {
        move |order: &engine::Order| {
            let path = order.step.path.to_string();
            if failures.contains(&path.as_str()) {
                FAILS
            } else {
                Answer::Done(json!(path))
            }
        }
    };
    let plan = plan(
        &[each("concurrency: 2, tolerated_failures: 1")],
        &[("start", "each")],
    );
    let over = run(&plan, json!([1, 2, 3]), failing(&["each.1.get"]));
    assert_eq!(over.result(), json!(["each.0.get", null, "each.2.get"]));
    assert_eq!(over.ended(), &Ended::Succeeded);
    let over = run(
        &plan,
        json!([1, 2, 3, 4]),
        failing(&["each.1.get", "each.2.get"]),
    );
    assert_eq!(over.failed_by(), "States.ExceedToleratedFailureThreshold");
    assert!(
        over.world
            .log
            .contains(&"close each.3.get#1 Failed".to_owned()),
        "{:?}",
        over.world.log
    );
}

#[test]
fn enough_successes_end_the_others() {
    let plan = plan(&[each("concurrency: 3, enough: 2")], &[("start", "each")]);
    let over = run(&plan, json!([1, 2, 3, 4, 5]), |order| {
        Answer::Done(json!(order.step.path.to_string()))
    });
    assert_eq!(
        over.result(),
        json!(["each.0.get", "each.1.get", null, null, null])
    );
    assert!(
        over.world
            .log
            .contains(&"close each.2.get#1 NotNeeded".to_owned()),
        "{:?}",
        over.world.log
    );
    assert_eq!(over.ended(), &Ended::Succeeded);
    let over = run(&plan, json!([1]), |_| Answer::Done(json!("only")));
    assert_eq!(over.result(), json!(["only"]));
}

#[test]
fn failures_may_be_counted_in_a_hundred() {
    // Of four, half is two; a third one is too many.
    let plan = plan(
        &[each("concurrency: 1, tolerated_failures_percent: 50")],
        &[("start", "each")],
    );
    let failing = |most: u32| {
        let mut failed = 0;
        move |_: &engine::Order| {
            failed += 1;
            if failed <= most {
                FAILS
            } else {
                Answer::Done(json!(1))
            }
        }
    };
    assert_eq!(
        run(&plan, json!([1, 2, 3, 4]), failing(2)).result(),
        json!([null, null, 1, 1])
    );
    let over = run(&plan, json!([1, 2, 3, 4]), failing(3));
    assert_eq!(over.failed_by(), "States.ExceedToleratedFailureThreshold");
    assert_eq!(over.asked().len(), 3);
}

#[test]
fn ten_thousand_items_are_taken_and_one_more_is_refused() {
    let body = "each: {type: flow, subtype: for_each, parameters: {items: '[1..$input]', concurrency: 100}, body: {nodes: {one: {type: action, subtype: data_transformation, parameters: {expression: $item}}}}}";
    let plan = plan(&[body.to_owned()], &[("start", "each")]);
    let over = run(&plan, json!(10_000), nobody);
    assert_eq!(over.result().as_array().unwrap().len(), 10_000);
    let over = run(&plan, json!(10_001), nobody);
    assert_eq!(over.failed_by(), "States.DataLimitExceeded");
}

#[test]
fn loops_know_their_time_and_what_came_before() {
    let body = "body: {nodes: {add: {type: action, subtype: data_transformation, parameters: {expression: '($exists($last) and $last != null ? $last : 0) + $iteration'}}}}";
    let three = format!("again: {{type: flow, subtype: loop, parameters: {{times: 4}}, {body}}}");
    let plan_of = |node: String| plan(&[node], &[("start", "again")]);
    let plan_three = plan_of(three);
    assert_eq!(run(&plan_three, Value::Null, nobody).result(), json!(6));
    let none = plan_of(format!(
        "again: {{type: flow, subtype: loop, parameters: {{times: 0}}, {body}}}"
    ));
    assert_eq!(run(&none, Value::Null, nobody).result(), Value::Null);
    let while_ = |most: u32| {
        plan_of(format!(
            "again: {{type: flow, subtype: while, parameters: {{condition: '$iteration < $input', max_iterations: {most}}}, {body}}}"
        ))
    };
    let five = while_(5);
    assert_eq!(run(&five, json!(5), nobody).result(), json!(10));
    assert_eq!(run(&five, json!(0), nobody).result(), Value::Null);
    let over = run(&five, json!(6), nobody);
    assert_eq!(over.failed_by(), "States.LoopLimitExceeded");
}

fn within(catch: &str) -> Plan {
    let node = format!(
        "guard: {{type: flow, subtype: timeout, timeout_seconds: 60, body: {{nodes: {{slow: {{type: action, subtype: http_request, parameters: {{url: 'https://a.example'}}}}}}}}{catch}}}"
    );
    plan(&[node], &[("start", "guard")])
}

#[test]
fn a_body_within_a_time_is_done_or_ended() {
    let plan = within("");
    let over = run(&plan, json!(1), |order| match order.step.path.node() {
        "guard" => Answer::Silent,
        _ => Answer::Done(json!("in time")),
    });
    assert_eq!(over.result(), json!("in time"));
    assert!(
        over.world
            .log
            .contains(&"close guard#1 NotNeeded".to_owned())
    );
    let over = run(&plan, json!(1), |order| match order.step.path.node() {
        "guard" => Answer::Expires,
        _ => Answer::Silent,
    });
    assert_eq!(over.failed_by(), "States.Timeout");
    assert!(
        over.world
            .log
            .contains(&"close guard.0.slow#1 TimedOut".to_owned())
    );
    let over = run(&plan, json!(1), |order| match order.step.path.node() {
        "guard" => Answer::Silent,
        _ => FAILS,
    });
    assert_eq!(over.failed_by(), "States.TaskFailed");
}

#[test]
fn a_state_of_ten_thousand_items_is_small() {
    let plan = plan(
        &[each(
            "items: '[1..10000]', concurrency: 100, tolerated_failures: 10000",
        )],
        &[("start", "each")],
    );
    let mut world = World::new(&plan, Value::Null);
    world.start();
    for at in 0..300 {
        world.answer_next(&mut |_| {
            if at % 3 == 0 {
                FAILS
            } else {
                Answer::Done(json!(at))
            }
        });
    }
    let text = serde_json::to_string(&world.state).unwrap();
    assert!(text.len() < 6 * 1024, "{} bytes", text.len());
}
