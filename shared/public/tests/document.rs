//! The OpenAPI document against what is committed and what is sent.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeSet;

use contract::{Problem, ProblemKind};
use serde_json::{Value, json};
use switchyard_public::{
    Health, HealthStatus, OPENAPI, document,
    v1::{ApiVersion, Version},
};

fn committed() -> Value {
    serde_json::from_str(OPENAPI).unwrap()
}

#[test]
fn the_committed_document_is_what_the_code_says() {
    let made = document().to_pretty_json().unwrap() + "\n";
    assert!(
        made == OPENAPI,
        "docs/openapi.json is not what the code says: look at what `make openapi` changes in it"
    );
    assert_eq!(committed()["openapi"], "3.1.0");
}

#[test]
fn each_reference_leads_somewhere_and_each_operation_has_a_name_of_its_own() {
    let document = committed();
    let (mut references, mut names) = (Vec::new(), Vec::new());
    walk(&document, &mut |key, value| match (key, value) {
        ("$ref", Value::String(to)) => references.push(to.clone()),
        ("operationId", Value::String(name)) => names.push(name.clone()),
        _ => {}
    });
    assert!(!references.is_empty() && !names.is_empty());
    for to in references {
        let pointer = to.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{to}");
    }
    let all = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), all);
}

#[test]
fn what_is_sent_is_what_the_document_describes() {
    let version = Version {
        version: "0.1.0".to_owned(),
        commit: Some("0".repeat(40)),
        apis: vec![ApiVersion::V1],
    };
    let problem = Problem::new(ProblemKind::INTERNAL, "It broke.");
    let problem = problem.of_request("7c1d3e60".parse().unwrap());
    let health = Health {
        status: HealthStatus::Ok,
    };
    for (name, sent) in [
        ("Version", json!(version)),
        ("Problem", json!(problem)),
        ("Health", json!(health)),
    ] {
        let document = committed();
        let schema = &document["components"]["schemas"][name];
        assert_eq!(keys(&schema["properties"]), keys(&sent), "{name}");
    }
    let least = json!(Problem::new(ProblemKind::INTERNAL, "It broke."));
    let committed = committed();
    let required = &committed["components"]["schemas"]["Problem"]["required"];
    let required = required.as_array().unwrap().iter();
    let required: BTreeSet<&str> = required.filter_map(Value::as_str).collect();
    assert_eq!(required, keys(&least));
}

/// The names in an object.
fn keys(object: &Value) -> BTreeSet<&str> {
    let names = object.as_object().unwrap().keys();
    names.map(String::as_str).collect()
}

fn walk(value: &Value, see: &mut impl FnMut(&str, &Value)) {
    match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                see(key, value);
                walk(value, see);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| walk(item, see)),
        _ => {}
    }
}
