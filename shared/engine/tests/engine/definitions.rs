//! What is a definition, and what is said of one that is none.

use std::{fs, path::PathBuf};

use engine::{
    Fault, Plan, json_schema,
    registry::{Capabilities, Capability},
};
use serde_json::Value;

/// The examples, and the definitions that are built in, by the names of their files.
pub(crate) fn written() -> Vec<(String, String)> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../definitions"));
    let mut found = Vec::new();
    for folder in [folder.clone(), folder.join("examples")] {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|end| end == "yaml") {
                let name = path.file_stem().unwrap().to_string_lossy().into_owned();
                found.push((name, fs::read_to_string(path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

/// What is wrong with a text.
pub(crate) fn faults(text: &str) -> Vec<Fault> {
    match Plan::read(text) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.iter().cloned().collect(),
    }
}

/// A definition with these nodes beside its trigger, in lines of flow style, and these connections.
pub(crate) fn graph(nodes: &str, connections: &str) -> String {
    let nodes: Vec<&str> = nodes.lines().map(str::trim).collect();
    let nodes = nodes.join("\n  ");
    format!(
        "format: 1\nname: look\nversion: 1\nnodes:\n  start: {{type: trigger, subtype: manual}}\n  {nodes}\nconnections: [{connections}]\n"
    )
}

fn schema() -> jsonschema::Validator {
    jsonschema::validator_for(&json_schema()).unwrap()
}

fn as_json(text: &str) -> Value {
    serde_norway::from_str(text).unwrap()
}

#[test]
fn every_definition_that_is_there_makes_sense_and_fits_the_schema() {
    let (written, schema) = (written(), schema());
    assert!(written.len() >= 12, "{}", written.len());
    for (name, text) in written {
        assert_eq!(faults(&text), [], "{name}");
        let value = as_json(&text);
        let wrong: Vec<String> = schema
            .iter_errors(&value)
            .map(|error| error.to_string())
            .collect();
        assert!(wrong.is_empty(), "{name}: {wrong:?}");
        let json = serde_json::to_string_pretty(&value).unwrap();
        assert_eq!(faults(&json), [], "{name} as JSON");
    }
}

#[test]
fn a_definition_of_one_task_is_a_graph_of_one_agent() {
    let implement = include_str!("../../../../definitions/implement.yaml");
    let plan = Plan::read(implement).unwrap();
    let ids: Vec<&str> = plan
        .root()
        .nodes()
        .iter()
        .map(engine::NodePlan::id)
        .collect();
    assert_eq!(ids, ["start", "work"]);
    assert_eq!((plan.node_count(), plan.outside_count()), (2, 1));
    let waits =
        Plan::read(&implement.replace("access: write", "access: write\nwhen_busy: wait")).unwrap();
    let on_conflict = waits
        .concurrency()
        .map(|concurrency| concurrency.on_conflict);
    assert_eq!(on_conflict, Some(engine::OnConflict::Queue));
    assert!(
        plan.applies_to(domain::ItemKind::Issue) && !plan.applies_to(domain::ItemKind::PullRequest)
    );
}

const LOOK: &str =
    r#"look: {type: action, subtype: data_transformation, parameters: {expression: "1"}}"#;
const MORE: &str =
    r#"more: {type: action, subtype: data_transformation, parameters: {expression: "2"}}"#;
const TO_LOOK: &str = "{from: start, to: look}";

/// `(nodes, connections, where, what)`: where the fault is, and what its reason or fix says.
const WRONG: &[(&str, &str, &str, &str)] = &[
    (LOOK, "", "nodes.look", "never reached"),
    (
        LOOK,
        "{from: start, to: lok}",
        "connections[0].to",
        "no node `lok`",
    ),
    (
        LOOK,
        "{from: start, output: results, to: look}",
        "connections[0].output",
        "no such output",
    ),
    (
        LOOK,
        "{from: start, to: look}, {from: start, to: look}",
        "connections[1]",
        "twice",
    ),
    (
        LOOK,
        "{from: start, to: look}, {from: look, to: start}",
        "connections[1]",
        "leads to a trigger",
    ),
    (
        LOOK,
        "{from: start, to: look}, {from: look, to: look}",
        "connections",
        "lead to one another",
    ),
    (
        LOOK,
        "{from: start, to: look, convert: 'a['}",
        "connections[0].convert",
        "mend",
    ),
    (
        "look: {type: flow, subtype: foreach}",
        TO_LOOK,
        "nodes.look.subtype",
        "`for_each` is near",
    ),
    (
        "look: {type: flow, subtype: if}",
        TO_LOOK,
        "nodes.look.parameters.condition",
        "missing",
    ),
    (
        "look: {type: flow, subtype: if, parameters: {condition: 'a['}}",
        TO_LOOK,
        "nodes.look.parameters.condition",
        "JSONata",
    ),
    (
        "look: {type: flow, subtype: if, parameters: {condition: 'a', then: b}}",
        TO_LOOK,
        "nodes.look.parameters.then",
        "no such parameter",
    ),
    (
        "look: {type: flow, subtype: delay, parameters: {seconds: 0}}",
        TO_LOOK,
        "nodes.look.parameters.seconds",
        "from 1 to",
    ),
    (
        "look: {type: flow, subtype: delay, parameters: {seconds: soon}}",
        TO_LOOK,
        "nodes.look.parameters.seconds",
        "type integer",
    ),
    (
        "look: {type: action, subtype: http_request, parameters: {url: example.com}}",
        TO_LOOK,
        "nodes.look.parameters.url",
        "address",
    ),
    (
        "look: {type: action, subtype: http_request, parameters: {url: 'https://a.example', bearer: sk-12}}",
        TO_LOOK,
        "nodes.look.parameters.bearer",
        "never the secret",
    ),
    (
        "look: {type: action, subtype: http_request, parameters: {url: 'https://a.example'}, timeout_seconds: 1001}",
        TO_LOOK,
        "nodes.look.timeout_seconds",
        "from 1 to 1000",
    ),
    (
        "look: {type: flow, subtype: merge, timeout_seconds: 5}",
        TO_LOOK,
        "nodes.look.timeout_seconds",
        "no time of its own",
    ),
    (
        "look: {type: action, subtype: data_validation, parameters: {schema: {type: text}}}",
        TO_LOOK,
        "nodes.look.parameters.schema",
        "JSON Schema",
    ),
    (
        "look: {type: action, subtype: data_formatting, parameters: {template: '{{ a'}}",
        TO_LOOK,
        "nodes.look.parameters.template",
        "mend",
    ),
    (
        "look: {type: action, subtype: data_formatting, parameters: {template: '{{ title }}'}}",
        TO_LOOK,
        "nodes.look.parameters.template",
        "`title` is not known",
    ),
    (
        "look: {type: action, subtype: data_transformation, parameters: {expression: $item}}",
        TO_LOOK,
        "nodes.look.parameters.expression",
        "`item` is not known",
    ),
    (
        "look: {type: action, subtype: data_transformation, parameters: {expression: $nodes.later}}",
        TO_LOOK,
        "nodes.look.parameters.expression",
        "no node `later`",
    ),
    (
        "look: {type: action, subtype: data_transformation, parameters: {expression: $nodes}}",
        TO_LOOK,
        "nodes.look.parameters.expression",
        "as a whole",
    ),
    (
        "look: {type: flow, subtype: for_each}",
        TO_LOOK,
        "nodes.look",
        "nothing to repeat",
    ),
    (
        "look: {type: flow, subtype: merge, body: {nodes: {}}}",
        TO_LOOK,
        "nodes.look.body",
        "has no body",
    ),
    (
        "look: {type: flow, subtype: for_each, body: {nodes: {}}}",
        TO_LOOK,
        "nodes.look.body.nodes",
        "there are none",
    ),
    (
        "look: {type: flow, subtype: for_each, body: {nodes: {t: {type: trigger, subtype: manual}}}}",
        TO_LOOK,
        "nodes.look.body.nodes.t",
        "stands in a body",
    ),
    (
        "look: {type: flow, subtype: switch, parameters: {cases: []}}",
        TO_LOOK,
        "nodes.look.parameters.cases",
        "0 cases",
    ),
    (
        "look: {type: flow, subtype: switch, parameters: {cases: [{output: default, when: 'true'}]}}",
        TO_LOOK,
        "nodes.look.parameters.cases[0].output",
        "no name of an output",
    ),
    (
        "look: {type: flow, subtype: merge, retry: [{errors: [States.ALL]}]}",
        TO_LOOK,
        "nodes.look.retry",
        "nothing changes",
    ),
    (
        "look: {type: flow, subtype: delay, retry: [{errors: [States.ALL, X]}]}",
        TO_LOOK,
        "nodes.look.retry[0].errors",
        "alone",
    ),
    (
        "look: {type: flow, subtype: delay, retry: [{errors: [States.ALL]}, {errors: [X]}]}",
        TO_LOOK,
        "nodes.look.retry[0].errors",
        "last",
    ),
    (
        "look: {type: flow, subtype: delay, retry: [{errors: [X], backoff_rate: 0.5}]}",
        TO_LOOK,
        "nodes.look.retry[0]",
        "backoff_rate",
    ),
    (
        "look: {type: flow, subtype: delay, catch: [{errors: [X], output: result}]}",
        TO_LOOK,
        "nodes.look.catch[0].output",
        "already",
    ),
    (
        "look: {type: flow, subtype: delay, heartbeat_seconds: 60}",
        TO_LOOK,
        "nodes.look.heartbeat_seconds",
        "only jobs",
    ),
    (
        "look: {type: flow, subtype: delay, attached_nodes: [a]}",
        TO_LOOK,
        "nodes.look.attached_nodes",
        "only agents",
    ),
    (
        "look: {type: ai_agent, subtype: coding_agent, parameters: {prompt: Go.}, attached_nodes: [a]}",
        TO_LOOK,
        "nodes.look.attached_nodes",
        "no tool",
    ),
    (
        "look: {type: ai_agent, subtype: coding_agent, parameters: {prompt: Go., access: write}}",
        TO_LOOK,
        "nodes.look.parameters",
        "findings need no write access",
    ),
    (
        "look: {type: ai_agent, subtype: coding_agent, parameters: {prompt: '{% $input %}'}}",
        TO_LOOK,
        "",
        "",
    ),
    (
        "Look: {type: flow, subtype: merge}",
        "{from: start, to: Look}",
        "nodes.Look",
        "no name of a node",
    ),
    (
        "look: {type: memory, subtype: document_store, parameters: {key: a}}",
        TO_LOOK,
        "connections[0].to",
        "a tool or a memory",
    ),
];

#[test]
fn what_is_wrong_is_said_with_path_reason_and_fix() {
    for (nodes, connections, path, what) in WRONG {
        let text = graph(nodes, connections);
        let found = faults(&text);
        if path.is_empty() {
            assert_eq!(found, [], "{nodes}");
            continue;
        }
        let told = found.iter().find(|fault| fault.path == *path);
        let fault = told.unwrap_or_else(|| panic!("{nodes} {connections}: {found:#?}"));
        let said = format!("{} {}", fault.reason, fault.fix);
        assert!(said.contains(what), "{nodes}: {said}");
        assert!(
            !fault.reason.is_empty() && !fault.fix.is_empty(),
            "{fault:?}"
        );
    }
}

#[test]
fn keys_that_are_not_known_and_shapes_that_are_none_are_refused() {
    let good = graph(LOOK, TO_LOOK);
    assert_eq!(faults(&good), []);
    for (wrong, path) in [
        (good.replace("format: 1", "format: 2"), "format"),
        (good.replace("version: 1", "version: 0"), "version"),
        (good.replace("name: look", "name: Look"), "name"),
        (good.replace("name: look", "name: stop"), "name"),
        (format!("{good}surplus: 1\n"), "surplus"),
        (
            good.replace("subtype: manual", "subtype: manual, kind: x"),
            "nodes.start",
        ),
        (good.replace("from: start", "form: start"), "connections[0]"),
        (format!("{good}timeout_seconds: 0\n"), "timeout_seconds"),
        (format!("{good}input: {{type: text}}\n"), "input"),
        (
            format!("{good}concurrency: {{on_conflict: debounce}}\n"),
            "concurrency.debounce_seconds",
        ),
        (
            format!("{good}concurrency: {{key: '{{{{ nodes.a }}}}'}}\n"),
            "concurrency.key",
        ),
        (
            good.replace(
                "  start:",
                "  start: {type: trigger, subtype: manual}\n  start:",
            ),
            "the definition",
        ),
        ("[".to_owned(), "the definition"),
        (String::new(), "the definition"),
    ] {
        let found = faults(&wrong);
        let told = found.iter().any(|fault| fault.path.starts_with(path));
        assert!(told, "{wrong}: {found:?}");
    }
}

#[test]
fn size_and_nesting_are_seen_before_anything_is_parsed() {
    let good = graph(LOOK, TO_LOOK);
    let large = format!("{good}description: {}\n", "x".repeat(10 * 1024 * 1024));
    let deep = format!("{good}input: {}\n", "[".repeat(100_000));
    let nested = format!("{good}input: {}{}\n", "{a: ".repeat(100), "}".repeat(100));
    let laughs = format!(
        "{good}a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n\
         d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n"
    );
    for (text, what) in [
        (large, "larger"),
        (deep, "open brackets"),
        (nested, "nest"),
        (laughs, ""),
    ] {
        let found = faults(&text);
        assert!(
            found.len() == 1 && found[0].reason.contains(what),
            "{found:?}"
        );
    }
    let chain: Vec<String> = (0..501)
        .map(|at| format!("n{at}: {{type: flow, subtype: merge}}"))
        .collect();
    let chain = chain.join("\n");
    assert!(
        faults(&graph(&chain, ""))
            .iter()
            .any(|fault| fault.reason.contains("more than 500"))
    );
}

#[test]
fn circles_are_named() {
    let found = faults(&graph(
        &format!("{LOOK}\n{MORE}"),
        "{from: start, to: look}, {from: look, to: more}, {from: more, to: look}",
    ));
    assert!(found[0].reason.contains("look, more"), "{found:?}");
    assert!(found[0].fix.contains("body of a loop"), "{found:?}");
}

#[test]
fn what_is_not_there_is_refused_when_it_is_activated() {
    let plan = Plan::read(include_str!(
        "../../../../definitions/examples/ten-lines.yaml"
    ))
    .unwrap();
    let refused = plan.unavailable(&Capabilities::none());
    let paths: Vec<&str> = refused.iter().map(|fault| fault.path.as_str()).collect();
    assert_eq!(paths, ["nodes.start", "nodes.runs"]);
    let some = Capabilities::none()
        .and(&Capability::STARTS)
        .and(&Capability::HTTP);
    assert_eq!(plan.unavailable(&some), []);
    let teams = graph(
        "ask: {type: human_in_the_loop, subtype: teams_interaction, parameters: {title: a}}",
        "{from: start, to: ask}",
    );
    let refused = Plan::read(&teams)
        .unwrap()
        .unavailable(&some.and(&Capability::APPROVALS));
    assert_eq!(refused.len(), 1);
    assert!(
        refused[0].reason.contains("no client for Teams"),
        "{refused:?}"
    );
}

#[test]
fn what_the_schema_refuses_is_no_definition() {
    let schema = schema();
    let good = graph(LOOK, TO_LOOK);
    assert!(schema.is_valid(&as_json(&good)));
    let mut refused = 0;
    for (nodes, connections, ..) in WRONG {
        let text = graph(nodes, connections);
        if !schema.is_valid(&as_json(&text)) {
            refused += 1;
            assert_ne!(faults(&text), [], "{nodes}");
        }
    }
    // The others are about what makes sense together.
    assert!(refused > 12, "{refused}");
}
