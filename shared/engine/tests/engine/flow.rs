//! How runs go through graphs.

use engine::{Ended, Plan, Status};
use serde_json::{Value, json};

use crate::{
    definitions::graph,
    world::{Answer, Over, World},
};

/// A call.
pub(crate) fn call(id: &str) -> String {
    format!(
        "{id}: {{type: action, subtype: http_request, parameters: {{url: 'https://a.example/{id}'}}}}"
    )
}

pub(crate) fn compute(id: &str, expression: &str) -> String {
    format!(
        "{id}: {{type: action, subtype: data_transformation, parameters: {{expression: '{expression}'}}}}"
    )
}

pub(crate) fn plan(nodes: &[String], connections: &[(&str, &str)]) -> Plan {
    let connections = connections
        .iter()
        .map(|(from, to)| match from.split_once('.') {
            Some((from, output)) => format!("{{from: {from}, output: '{output}', to: {to}}}"),
            None => format!("{{from: {from}, to: {to}}}"),
        });
    let connections: Vec<String> = connections.collect();
    let text = graph(&nodes.join("\n"), &connections.join(", "));
    Plan::read(&text).unwrap_or_else(|faults| panic!("{text}{faults}"))
}

pub(crate) fn run(
    plan: &Plan,
    input: Value,
    script: impl FnMut(&engine::Order) -> Answer,
) -> Over<'_> {
    World::new(plan, input).run(script)
}

pub(crate) fn nobody(order: &engine::Order) -> Answer {
    panic!("{} is asked for", order.step)
}

#[test]
fn what_leads_nowhere_is_skipped_with_all_that_follows_from_it() {
    let nodes = [
        "which: {type: flow, subtype: if, parameters: {condition: $input.yes}}".to_owned(),
        compute("yes", "\"yes\""),
        compute("no", "\"no\""),
        compute("after_no", "$input & \"!\""),
        compute("both", "$input"),
    ];
    let edges = [
        ("start", "which"),
        ("which.true", "yes"),
        ("which.false", "no"),
        ("no", "after_no"),
        ("yes", "both"),
        ("after_no", "both"),
    ];
    let plan = plan(&nodes, &edges);
    let over = run(&plan, json!({"yes": true}), nobody);
    assert_eq!(
        (over.ended(), over.result()),
        (&Ended::Succeeded, json!("yes"))
    );
    assert!(over.is("no", Status::Skipped) && over.is("after_no", Status::Skipped));
    let over = run(&plan, json!({"yes": false}), nobody);
    assert_eq!(over.result(), json!("no!"));
    let over = run(&plan, json!({"yes": "maybe"}), nobody);
    assert_eq!(over.failed_by(), "States.QueryEvaluationError");
}

#[test]
fn a_switch_takes_the_first_case_that_holds() {
    let nodes = [
        "which: {type: flow, subtype: switch, parameters: {cases: [{output: big, when: $input > 10}, {output: small, when: $input > 0}]}}"
            .to_owned(),
        compute("big", "\"big\""),
        compute("small", "\"small\""),
        compute("none", "\"none\""),
    ];
    let edges = [
        ("start", "which"),
        ("which.big", "big"),
        ("which.small", "small"),
        ("which.default", "none"),
    ];
    let plan = plan(&nodes, &edges);
    for (input, expected) in [(11, "big"), (5, "small"), (0, "none")] {
        let over = run(&plan, json!(input), nobody);
        assert_eq!(over.result(), json!(expected));
    }
}

#[test]
fn a_node_waits_for_all_that_lead_to_it_and_knows_them_by_name() {
    let nodes = [call("a"), call("b"), compute("sum", "$input.a + $input.b")];
    let plan = plan(
        &nodes,
        &[("start", "a"), ("start", "b"), ("a", "sum"), ("b", "sum")],
    );
    let over = run(&plan, Value::Null, |order| {
        let value = if order.step.path.node() == "a" { 1 } else { 2 };
        Answer::Done(json!(value))
    });
    assert_eq!(over.result(), json!(3));
    assert_eq!(over.asked(), ["a#1", "b#1"]);
}

#[test]
fn merges_gather_in_three_ways() {
    for (how, expected) in [
        ("by_node", json!({"a": {"x": 1}, "b": {"x": 2, "y": 3}})),
        ("union", json!({"x": 2, "y": 3})),
        ("concatenate", json!([{"x": 1}, {"x": 2, "y": 3}])),
    ] {
        let nodes = [
            compute("a", "{\"x\": 1}"),
            compute("b", "{\"x\": 2, \"y\": 3}"),
            format!("all: {{type: flow, subtype: merge, parameters: {{how: {how}}}}}"),
        ];
        let plan = plan(
            &nodes,
            &[("start", "a"), ("start", "b"), ("a", "all"), ("b", "all")],
        );
        assert_eq!(run(&plan, Value::Null, nobody).result(), expected, "{how}");
    }
}

#[test]
fn a_merge_of_any_goes_on_with_the_first_and_may_end_the_others() {
    for (others, closed) in [("keep", false), ("cancel", true)] {
        let nodes = [
            call("fast"),
            call("slow"),
            format!(
                "first: {{type: flow, subtype: merge, parameters: {{wait_for: any, others: {others}}}}}"
            ),
            call("after"),
        ];
        let edges = [
            ("start", "fast"),
            ("start", "slow"),
            ("fast", "first"),
            ("slow", "first"),
            ("first", "after"),
        ];
        let plan = plan(&nodes, &edges);
        let over = run(&plan, Value::Null, |order| match order.step.path.node() {
            "slow" => Answer::Silent,
            node => Answer::Done(json!(node)),
        });
        assert!(over.asked().contains(&"after#1"));
        assert_eq!(over.output("first"), &json!({"fast": "fast"}));
        let was_closed = over
            .world
            .log
            .contains(&"close slow#1 NotNeeded".to_owned());
        assert_eq!(was_closed, closed, "{others}");
        // Kept, it is not done in time, which nothing catches.
        assert_eq!(over.is("slow", Status::Skipped), closed);
        assert_eq!(over.ended() == &Ended::Succeeded, closed);
    }
}

#[test]
fn what_is_required_has_to_come() {
    let nodes = [
        "which: {type: flow, subtype: if, parameters: {condition: $input}}".to_owned(),
        compute("a", "1"),
        compute("both", "2"),
    ];
    let text = graph(
        &nodes.join("\n"),
        "{from: start, to: which}, {from: start, to: both}, {from: which, output: 'true', to: a}, {from: a, to: both, required: true}",
    );
    let plan = Plan::read(&text).unwrap();
    assert!(run(&plan, json!(true), nobody).is("both", Status::Succeeded));
    assert!(run(&plan, json!(false), nobody).is("both", Status::Skipped));
}

#[test]
fn what_is_handed_on_can_be_converted() {
    let text = graph(
        &compute("look", "$input.title"),
        r#"{from: start, to: look, convert: '{"title": $uppercase($input.name)}'}"#,
    );
    let plan = Plan::read(&text).unwrap();
    assert_eq!(
        run(&plan, json!({"name": "ada"}), nobody).result(),
        json!("ADA")
    );
    assert_eq!(
        run(&plan, json!({"name": 1}), nobody).failed_by(),
        "States.QueryEvaluationError"
    );
}

#[test]
fn lists_are_filtered_sorted_and_split() {
    let list = json!([{"n": 3, "s": "c"}, {"n": 1, "s": "a"}, {"n": 2, "s": "b"}]);
    let table = [
        (
            "filter, parameters: {condition: n > 1}",
            json!([{"n": 3, "s": "c"}, {"n": 2, "s": "b"}]),
        ),
        (
            "filter, parameters: {condition: $item.n > 1, mode: exclude}",
            json!([{"n": 1, "s": "a"}]),
        ),
        (
            "filter, parameters: {condition: $index = 0, mode: partition}",
            json!({"kept": [{"n": 3, "s": "c"}], "rest": [{"n": 1, "s": "a"}, {"n": 2, "s": "b"}]}),
        ),
        (
            "sort, parameters: {by: n}",
            json!([{"n": 1, "s": "a"}, {"n": 2, "s": "b"}, {"n": 3, "s": "c"}]),
        ),
        (
            "sort, parameters: {by: s, order: descending}",
            json!([{"n": 3, "s": "c"}, {"n": 2, "s": "b"}, {"n": 1, "s": "a"}]),
        ),
        (
            "split, parameters: {size: 2}",
            json!([[{"n": 3, "s": "c"}, {"n": 1, "s": "a"}], [{"n": 2, "s": "b"}]]),
        ),
        (
            "split, parameters: {items: $input.n, size: '{% 1 + 2 %}'}",
            json!([[3, 1, 2]]),
        ),
    ];
    for (node, expected) in table {
        let node = format!("node: {{type: flow, subtype: {node}}}");
        let plan = plan(std::slice::from_ref(&node), &[("start", "node")]);
        assert_eq!(
            run(&plan, list.clone(), nobody).result(),
            expected,
            "{node}"
        );
    }
    let mixed = plan(
        &["node: {type: flow, subtype: sort, parameters: {by: $}}".to_owned()],
        &[("start", "node")],
    );
    assert_eq!(
        run(&mixed, json!([1, "a"]), nobody).failed_by(),
        "States.QueryEvaluationError"
    );
}

#[test]
fn a_value_that_does_not_fit_takes_its_own_way_or_fails() {
    let check =
        "check: {type: action, subtype: data_validation, parameters: {schema: {type: integer}}}"
            .to_owned();
    let with = plan(
        &[check.clone(), compute("wrong", "$count($input.violations)")],
        &[("start", "check"), ("check.invalid", "wrong")],
    );
    assert_eq!(run(&with, json!("a"), nobody).result(), json!(1));
    let without = plan(&[check], &[("start", "check")]);
    assert_eq!(
        run(&without, json!("a"), nobody).failed_by(),
        "States.InvalidValue"
    );
    assert_eq!(run(&without, json!(7), nobody).result(), json!(7));
}

#[test]
fn a_delay_hands_on_what_comes_and_a_wait_leads_by_what_happened() {
    let nodes = [
        "later: {type: flow, subtype: delay, parameters: {seconds: 30}}".to_owned(),
        "wait: {type: flow, subtype: wait, parameters: {for: event, key: 'deployed-{{ input }}'}}"
            .to_owned(),
        compute("late", "$input.timed_out"),
    ];
    let plan = plan(
        &nodes,
        &[
            ("start", "later"),
            ("later", "wait"),
            ("wait.timeout", "late"),
        ],
    );
    let over = run(&plan, json!("web"), |order| {
        if order.step.path.node() == "later" {
            return Answer::Done(Value::Null);
        }
        assert_eq!(order.parameters["parameters"]["key"], "deployed-web");
        Answer::Done(json!({"by": "ada"}))
    });
    assert_eq!(over.result(), json!({"by": "ada"}));
    let over = run(&plan, json!("web"), |order| match order.step.path.node() {
        "later" => Answer::Done(Value::Null),
        _ => Answer::Expires,
    });
    assert_eq!(over.result(), json!(true));
}

#[test]
fn work_that_is_incomplete_or_unchanged_says_so_in_the_end() {
    let agent = |id: &str| {
        format!("{id}: {{type: ai_agent, subtype: coding_agent, parameters: {{prompt: Look.}}}}")
    };
    let two = plan(&[agent("a"), agent("b")], &[("start", "a"), ("start", "b")]);
    let outcome = |a: fn() -> Answer, b: fn() -> Answer| {
        let over = run(&two, Value::Null, |order| {
            if order.step.path.node() == "a" {
                a()
            } else {
                b()
            }
        });
        over.ended().clone()
    };
    let done = || Answer::Done(json!(1));
    let part = || Answer::Incomplete(json!(1));
    let same = || Answer::Unchanged;
    assert_eq!(outcome(done, done), Ended::Succeeded);
    assert_eq!(outcome(done, same), Ended::Succeeded);
    assert_eq!(outcome(same, same), Ended::Unchanged);
    assert_eq!(outcome(same, part), Ended::Incomplete);
    assert_eq!(outcome(done, part), Ended::Incomplete);
    let handled = plan(
        &[agent("a"), compute("mended", "1"), compute("after", "2")],
        &[("start", "a"), ("a.incomplete", "mended"), ("a", "after")],
    );
    let over = run(&handled, Value::Null, |_| part());
    assert_eq!(over.ended(), &Ended::Succeeded);
    assert!(over.is("mended", Status::Succeeded) && over.is("after", Status::Skipped));
}

#[test]
fn people_lead_by_what_they_say() {
    let nodes = [
        "ask: {type: human_in_the_loop, subtype: manual_review, parameters: {title: 'Ship {{ input }}?'}}".to_owned(),
        compute("go", "\"shipped\""),
        compute("no", "\"stopped\""),
    ];
    let plan = plan(
        &nodes,
        &[
            ("start", "ask"),
            ("ask.confirmed", "go"),
            ("ask.rejected", "no"),
            ("ask.timeout", "no"),
        ],
    );
    let by = |answer: fn() -> Answer| run(&plan, json!("it"), |_| answer()).result();
    assert_eq!(by(|| Answer::By("confirmed", json!({}))), json!("shipped"));
    assert_eq!(by(|| Answer::By("rejected", json!({}))), json!("stopped"));
    assert_eq!(
        by(|| Answer::Expires),
        json!("stopped"),
        "silence is never consent"
    );
    assert_eq!(by(|| Answer::By("unrelated", json!("?"))), json!("?"));
}
