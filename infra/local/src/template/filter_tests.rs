use serde_json::{Value, json};

use super::*;
use crate::template::place::Place;

fn parse(pattern: &Value) -> Result<Filter, TemplateError> {
    let text = Value::String(pattern.to_string());
    read(&Node::new(text, Place::section("Pattern")))
}

#[track_caller]
fn check(pattern: &Value, admitted: &[Value], refused: &[Value]) {
    let filter = parse(pattern).unwrap();
    for event in admitted {
        assert!(filter.matches(event), "{pattern} admits {event}");
    }
    for event in refused {
        assert!(!filter.matches(event), "{pattern} refuses {event}");
    }
}

#[test]
fn exact_values_match_by_value() {
    check(
        &json!({"a": ["x", 1, null, true]}),
        &[
            json!({"a": "x"}),
            json!({"a": 1.0}),
            json!({"a": null}),
            json!({"a": true}),
            json!({"a": ["y", "x"]}),
        ],
        &[
            json!({"a": "X"}),
            json!({"a": "1"}),
            json!({"b": "x"}),
            json!({}),
        ],
    );
}

#[test]
fn a_prefix_needs_text() {
    check(
        &json!({"a": [{"prefix": "RUN#"}, {"prefix": "EVT#"}]}),
        &[json!({"a": "RUN#1"}), json!({"a": "EVT#"})],
        &[json!({"a": "run#1"}), json!({"a": 1}), json!({})],
    );
}

#[test]
fn exists_looks_at_values_that_are_not_maps() {
    check(
        &json!({"a": {"b": [{"exists": true}]}}),
        &[json!({"a": {"b": 0}})],
        &[json!({"a": {}}), json!({"a": {"b": {"c": 1}}}), json!({})],
    );
    check(
        &json!({"a": {"b": [{"exists": false}]}}),
        &[json!({"a": {}}), json!({"a": 1}), json!({})],
        &[json!({"a": {"b": 0}})],
    );
}

#[test]
fn anything_but_needs_a_value() {
    check(
        &json!({"a": [{"anything-but": ["x", 2]}]}),
        &[json!({"a": "y"}), json!({"a": 3})],
        &[json!({"a": "x"}), json!({"a": 2}), json!({})],
    );
    check(
        &json!({"a": [{"anything-but": "x"}]}),
        &[json!({"a": "y"})],
        &[json!({"a": "x"})],
    );
    check(
        &json!({"a": [{"anything-but": {"prefix": "x"}}]}),
        &[json!({"a": "y"})],
        &[json!({"a": "xy"})],
    );
}

#[test]
fn every_key_of_a_pattern_has_to_match() {
    check(
        &json!({"a": {"b": ["x"]}, "c": ["y"]}),
        &[
            json!({"a": {"b": "x"}, "c": "y"}),
            json!({"a": [{"b": "x"}], "c": "y"}),
        ],
        &[json!({"a": {"b": "x"}}), json!({"c": "y"})],
    );
}

#[test]
fn no_filters_admit_everything_and_one_of_several_is_enough() {
    let filters = [json!({"a": ["x"]}), json!({"a": ["y"]})].map(|one| parse(&one).unwrap());
    assert!(Filter::admit(&[], &json!({"a": "z"})));
    assert!(Filter::admit(&filters, &json!({"a": "y"})));
    assert!(!Filter::admit(&filters, &json!({"a": "z"})));
}

#[test]
fn what_is_not_understood_is_an_error() {
    for (pattern, message) in [
        (json!(["x"]), "Pattern: expected a pattern that is a map"),
        (
            json!({"a": "x"}),
            "Pattern: expected a map or a list under each key",
        ),
        (
            json!({"a": [["x"]]}),
            "Pattern: expected values and tests in a list",
        ),
        (
            json!({"a": [{}]}),
            "Pattern: expected one name in each test",
        ),
        (
            json!({"a": [{"numeric": [">", 1]}]}),
            "Pattern: the filter test numeric is not supported by the local stack",
        ),
        (
            json!({"a": [{"prefix": 1}]}),
            "Pattern: the filter test prefix is not supported by the local stack",
        ),
        (
            json!({"$or": [{"a": ["x"]}]}),
            "Pattern: the filter test $or is not supported by the local stack",
        ),
    ] {
        assert_eq!(parse(&pattern).unwrap_err().to_string(), message);
    }
    let text = Node::new("{".into(), Place::section("Pattern"));
    assert_eq!(
        read(&text).unwrap_err().to_string(),
        "Pattern: expected a pattern in JSON",
    );
}
