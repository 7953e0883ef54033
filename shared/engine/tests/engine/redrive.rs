//! New runs that take over what earlier ones have done.

use engine::{Ended, Event, Part, Plan, Status, redrive};
use serde_json::{Value, json};

use crate::{
    definitions::graph,
    flow::{call, compute, plan},
    world::{Answer, FAILS, Over, World},
};

/// Goes on where an earlier run has ended, and says what is asked for.
fn again<'a>(
    plan: &'a Plan,
    over: &Over<'_>,
    mut script: impl FnMut(&engine::Order) -> Answer,
) -> World<'a> {
    let redriven = redrive(plan, &over.world.state).unwrap();
    let mut world = World::new(plan, Value::Null);
    world.state = redriven.state;
    for key in redriven.taken {
        let value = over.world.outputs[&key].clone();
        world.outputs.insert(key, value);
    }
    world.happens(Event::Resume);
    while world.state.ended().is_none() {
        world.answer_next(&mut script);
    }
    world
}

fn done(_: &engine::Order) -> Answer {
    Answer::Done(json!("again"))
}

#[test]
fn what_succeeded_is_taken_over_and_the_rest_is_done() {
    let nodes = [
        call("first"),
        call("second"),
        compute("both", "$nodes.first & $nodes.second"),
        "which: {type: flow, subtype: if, parameters: {condition: $input = \"one\"}}".to_owned(),
        call("not"),
    ];
    let edges = [
        ("start", "first"),
        ("first", "second"),
        ("second", "both"),
        ("first", "which"),
        ("which.false", "not"),
    ];
    let plan = plan(&nodes, &edges);
    let over = World::new(&plan, Value::Null).run(|order| match order.step.path.node() {
        "first" => Answer::Done(json!("one")),
        _ => FAILS,
    });
    assert!(matches!(over.ended(), Ended::Failed(_)));
    let world = again(&plan, &over, done);
    assert_eq!(world.state.ended(), Some(&Ended::Succeeded));
    let asked: Vec<&String> = world
        .log
        .iter()
        .filter(|line| line.starts_with("ask"))
        .collect();
    assert_eq!(asked, ["ask second#1"]);
    assert_eq!(world.statuses()["not"], Status::Skipped);
    let result = world
        .outputs
        .iter()
        .find(|(key, _)| key.step.path.node() == "both")
        .unwrap();
    assert_eq!(result.1, &json!("oneagain"));
}

#[test]
fn items_that_are_done_are_not_done_again() {
    let each = "each: {type: flow, subtype: for_each, parameters: {concurrency: 1, items: '[1, 2, 3, 4]'}, body: {nodes: {get: {type: action, subtype: http_request, parameters: {url: 'https://a.example'}}}}}";
    let plan = plan(&[each.to_owned()], &[("start", "each")]);
    let mut world = World::new(&plan, Value::Null);
    world.start();
    world.answer_next(&mut |_| Answer::Done(json!("earlier")));
    world.answer_next(&mut |_| Answer::Done(json!("earlier")));
    assert_eq!(redrive(&plan, &world.state), None, "it is not over");
    world.happens(Event::Stop(engine::Stop::Cancelled));
    let over = Over { world };
    let world = again(&plan, &over, done);
    assert_eq!(world.state.ended(), Some(&Ended::Succeeded));
    assert_eq!(
        world.log,
        ["ask each.2.get#1", "ask each.3.get#1", "end Succeeded"]
    );
    let result = world
        .outputs
        .iter()
        .find(|(key, _)| key.part == Part::Result && key.step.path.node() == "each");
    assert_eq!(
        result.unwrap().1,
        &json!(["earlier", "earlier", "again", "again"])
    );
}

#[test]
fn people_are_asked_again_if_what_they_allowed_was_not_done() {
    let ask = "ask: {type: human_in_the_loop, subtype: manual_review, parameters: {title: Ship?}}";
    let text = graph(
        &format!("{ask}\n{}", call("ship")),
        "{from: start, to: ask}, {from: ask, output: confirmed, to: ship}",
    );
    let plan = Plan::read(&text).unwrap();
    let yes = |order: &engine::Order| match order.step.path.node() {
        "ask" => Answer::By("confirmed", json!({})),
        _ => Answer::Done(json!(1)),
    };
    let over = World::new(&plan, Value::Null).run(|order| match order.step.path.node() {
        "ask" => yes(order),
        _ => FAILS,
    });
    let world = again(&plan, &over, yes);
    assert_eq!(world.log[0], "ask ask#1");
    let over = World::new(&plan, Value::Null).run(yes);
    let world = again(&plan, &over, yes);
    assert_eq!(world.log, ["end Succeeded"]);
}
