//! Patterns that events have to match before a function is called with them.

use serde_json::{Map, Value};

use super::TemplateError;
use super::node::Node;

/// A pattern as event sources take it, of which exact values, `prefix`, `exists` and `anything-but` are understood.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter(Vec<(String, Pattern)>);

#[derive(Clone, Debug, PartialEq)]
enum Pattern {
    /// The value under a key matches in turn.
    Inside(Filter),
    /// The value is one of these.
    OneOf(Vec<Test>),
}

#[derive(Clone, Debug, PartialEq)]
enum Test {
    Exact(Value),
    Prefix(String),
    NoneOf(Vec<Value>),
    NotPrefix(String),
    Present,
    Absent,
}

impl Filter {
    /// Whether `event` matches. A list in the event matches if one of its items does, as at AWS.
    pub fn matches(&self, event: &Value) -> bool {
        self.matches_at(Some(event))
    }

    /// Whether `event` matches one of `filters`, or there are none.
    pub fn admit(filters: &[Self], event: &Value) -> bool {
        filters.is_empty() || filters.iter().any(|filter| filter.matches(event))
    }

    fn matches_at(&self, event: Option<&Value>) -> bool {
        match event {
            Some(Value::Array(items)) => items.iter().any(|item| self.matches_at(Some(item))),
            _ => self.0.iter().all(|(key, pattern)| {
                let value = event.and_then(|event| event.get(key));
                match pattern {
                    Pattern::Inside(filter) => filter.matches_at(value),
                    Pattern::OneOf(tests) => one_passes(tests, value),
                }
            }),
        }
    }
}

fn one_passes(tests: &[Test], value: Option<&Value>) -> bool {
    let found = leaves(value);
    tests.iter().any(|test| match test {
        Test::Absent => found.is_empty(),
        test => found.iter().any(|leaf| test.passes(leaf)),
    })
}

/// The values that a test sees: a map has none of its own, and a list has those of its items.
fn leaves(value: Option<&Value>) -> Vec<&Value> {
    match value {
        None | Some(Value::Object(_)) => Vec::new(),
        Some(Value::Array(items)) => items.iter().flat_map(|item| leaves(Some(item))).collect(),
        Some(scalar) => vec![scalar],
    }
}

impl Test {
    fn passes(&self, leaf: &Value) -> bool {
        match self {
            Self::Exact(wanted) => same(wanted, leaf),
            Self::Prefix(prefix) => starts_with(leaf, prefix),
            Self::NoneOf(refused) => !refused.iter().any(|value| same(value, leaf)),
            Self::NotPrefix(prefix) => !starts_with(leaf, prefix),
            Self::Present => true,
            Self::Absent => false,
        }
    }
}

/// Numbers are the same if their values are, however they are written.
fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.as_f64() == right.as_f64(),
        _ => left == right,
    }
}

fn starts_with(leaf: &Value, prefix: &str) -> bool {
    leaf.as_str().is_some_and(|text| text.starts_with(prefix))
}

/// Reads a pattern from the JSON text in which the template has it.
pub(super) fn read(node: &Node) -> Result<Filter, TemplateError> {
    let parsed = serde_json::from_str(&node.text()?);
    let pattern = parsed.map_err(|_| node.place().invalid("a pattern in JSON"))?;
    let Value::Object(entries) = pattern else {
        return Err(node.place().invalid("a pattern that is a map"));
    };
    filter(entries, node)
}

fn filter(entries: Map<String, Value>, node: &Node) -> Result<Filter, TemplateError> {
    entries
        .into_iter()
        .map(|(key, value)| {
            let pattern = match value {
                _ if key.starts_with('$') => return Err(unsupported(node, &key)),
                Value::Object(inside) => Pattern::Inside(filter(inside, node)?),
                Value::Array(tests) => Pattern::OneOf(
                    tests
                        .into_iter()
                        .map(|value| test(value, node))
                        .collect::<Result<_, _>>()?,
                ),
                _ => return Err(node.place().invalid("a map or a list under each key")),
            };
            Ok((key, pattern))
        })
        .collect::<Result<_, _>>()
        .map(Filter)
}

fn test(value: Value, node: &Node) -> Result<Test, TemplateError> {
    let Value::Object(entries) = value else {
        return match value {
            Value::Array(_) => Err(node.place().invalid("values and tests in a list")),
            scalar => Ok(Test::Exact(scalar)),
        };
    };
    let mut entries = entries.into_iter();
    let (Some((name, argument)), None) = (entries.next(), entries.next()) else {
        return Err(node.place().invalid("one name in each test"));
    };
    match (name.as_str(), argument) {
        ("prefix", Value::String(prefix)) => Ok(Test::Prefix(prefix)),
        ("exists", Value::Bool(true)) => Ok(Test::Present),
        ("exists", Value::Bool(false)) => Ok(Test::Absent),
        ("anything-but", Value::Array(refused)) => Ok(Test::NoneOf(refused)),
        ("anything-but", Value::Object(inner)) => match inner.get("prefix") {
            Some(Value::String(prefix)) if inner.len() == 1 => Ok(Test::NotPrefix(prefix.clone())),
            _ => Err(unsupported(node, "anything-but with this argument")),
        },
        ("anything-but", refused) => Ok(Test::NoneOf(vec![refused])),
        (name, _) => Err(unsupported(node, name)),
    }
}

fn unsupported(node: &Node, what: &str) -> TemplateError {
    node.place().unsupported(format!("the filter test {what}"))
}

#[cfg(test)]
#[path = "filter_tests.rs"]
mod tests;
