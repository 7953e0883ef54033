//! Pictures of definitions and of runs.

use engine::{Plan, draw, statuses};
use serde_json::json;

use crate::{
    definitions::{graph, written},
    flow::{call, compute, plan},
    world::{Answer, FAILS, World},
};

#[test]
fn every_node_and_every_connection_is_drawn() {
    for (name, text) in written() {
        let plan = Plan::read(&text).unwrap();
        let picture = draw(&plan, None);
        assert!(
            picture.starts_with("flowchart TD\n") && picture.ends_with('\n'),
            "{name}"
        );
        assert!(
            !picture.contains("classDef"),
            "{name}: without a run nothing has come to pass"
        );
        let nodes = picture
            .lines()
            .filter(|line| line.contains("<br/>"))
            .count();
        assert_eq!(nodes, plan.node_count(), "{name}\n{picture}");
        let connections = text.matches("from:").count().max(1);
        let arrows = picture.lines().filter(|line| line.contains("-->")).count();
        assert_eq!(arrows, connections, "{name}\n{picture}");
        assert_eq!(
            picture.matches("subgraph").count(),
            picture.matches("    end\n").count(),
            "{name}"
        );
    }
}

#[test]
fn a_picture_of_a_run_shows_what_has_become_of_each_node() {
    let each = "each: {type: flow, subtype: for_each, parameters: {items: '[1, 2, 3]', concurrency: 2, tolerated_failures: 1}, body: {nodes: {get: {type: action, subtype: http_request, parameters: {url: 'https://a.example'}}}}}";
    let nodes = [
        each.to_owned(),
        call("beside").replace("}}", "}, retry: [{errors: [States.ALL]}]}"),
        compute("after", "1"),
    ];
    let plan = plan(
        &nodes,
        &[("start", "each"), ("start", "beside"), ("each", "after")],
    );
    let mut world = World::new(&plan, json!(null));
    world.start();
    for _ in 0..3 {
        world.answer_next(&mut |order| match order.step.path.to_string().as_str() {
            "each.0.get" => Answer::Done(json!(1)),
            _ => FAILS,
        });
    }
    let picture = draw(&plan, Some(&world.state));
    for line in [
        "    each[\"each<br/>flow for_each<br/>1 of 3 done, 1 at work, 1 failed\"]\n",
        "        each__get[\"get<br/>action http_request\"]\n",
        "    beside[\"beside<br/>action http_request<br/>try 2\"]\n",
        "    class after waiting\n",
        "    class start done\n",
    ] {
        assert!(picture.contains(line), "{line}\n{picture}");
    }
    let working = picture
        .lines()
        .find(|line| line.trim_end().ends_with(" working") && line.contains("class "))
        .unwrap();
    for node in ["each", "each__get", "beside"] {
        assert!(working.contains(node), "{working}");
    }
    let paths: Vec<String> = statuses(&plan, &world.state)
        .iter()
        .map(|(path, _)| path.to_string())
        .collect();
    assert!(paths.contains(&"each.2.get".to_owned()), "{paths:?}");
}

#[test]
fn decisions_attachments_and_words_of_the_language_are_drawn() {
    let nodes = "end: {type: flow, subtype: if, parameters: {condition: 'true'}}\n\
        ask: {type: ai_agent, subtype: coding_agent, parameters: {prompt: Look.}, attached_nodes: [notes]}\n\
        notes: {type: memory, subtype: document_store, parameters: {key: a}}";
    let text = graph(
        nodes,
        "{from: start, to: end}, {from: end, output: 'false', to: ask}",
    );
    let picture = draw(&Plan::read(&text).unwrap(), None);
    for line in [
        "    END{\"end<br/>flow if\"}\n",
        "    start --> END\n",
        "    END -- false --> ask\n",
        "    ask__notes[(\"notes<br/>memory document_store\")]\n",
        "    ask__notes -.- ask\n",
    ] {
        assert!(picture.contains(line), "{line}\n{picture}");
    }
}
