//! What nodes are told, checked and made ready.

use std::collections::BTreeMap;

use expr::{Expression, Schema, Template};
use serde_json::{Map, Value};

use super::findings::Findings;
use crate::registry::{NodeKind, Parameter, ParameterType};

/// A parameter that was found to make sense.
#[derive(Debug)]
pub(crate) enum Compiled {
    /// A value.
    Literal(Value),
    /// A value that is computed when the node runs.
    Computed(Expression),
    /// A list of such.
    List(Vec<Compiled>),
    /// An object of such.
    Object(Vec<(String, Compiled)>),
    /// A text with places for values.
    Text(Template),
    /// An expression that the engine evaluates.
    Query(Expression),
    /// What a value has to look like.
    Schema { compiled: Schema, written: Value },
    /// What leads where, in order.
    Cases(Vec<(String, Expression)>),
}

impl Compiled {
    /// The text that is written there, if it is one.
    pub(crate) fn word(&self) -> Option<&str> {
        match self {
            Self::Literal(value) => value.as_str(),
            _ => None,
        }
    }

    /// Shows every expression in it.
    pub(crate) fn each_expression<'a>(&'a self, show: &mut dyn FnMut(&'a Expression)) {
        match self {
            Self::Computed(expression) | Self::Query(expression) => show(expression),
            Self::List(items) => items.iter().for_each(|item| item.each_expression(show)),
            Self::Object(fields) => fields
                .iter()
                .for_each(|(_, field)| field.each_expression(show)),
            Self::Cases(cases) => cases.iter().for_each(|(_, when)| show(when)),
            Self::Literal(_) | Self::Text(_) | Self::Schema { .. } => {}
        }
    }
}

/// The parameters of a node by name, and the outputs that its cases name.
pub(super) fn compile(
    kind: &'static NodeKind,
    mut written: Map<String, Value>,
    path: &str,
    found: &mut Findings,
) -> (BTreeMap<&'static str, Compiled>, Vec<String>) {
    let (mut compiled, mut cases) = (BTreeMap::new(), Vec::new());
    for parameter in kind.parameters() {
        let path = format!("{path}.parameters.{}", parameter.name());
        let value = written
            .remove(parameter.name())
            .or_else(|| parameter.default_value());
        match value {
            Some(value) => {
                if let Some(one) = one(parameter, value, &path, found) {
                    if let Compiled::Cases(outputs) = &one {
                        cases = outputs.iter().map(|(output, _)| output.clone()).collect();
                    }
                    compiled.insert(parameter.name(), one);
                }
            }
            None if parameter.required() => found.add(path, "it is missing", parameter.meaning()),
            None => {}
        }
    }
    let known: Vec<&str> = kind.parameters().iter().map(Parameter::name).collect();
    for name in written.keys() {
        let fix = match known.as_slice() {
            [] => "a node of this kind takes none".to_owned(),
            known => format!("take one of {}", known.join(", ")),
        };
        found.add(
            format!("{path}.parameters.{name}"),
            "there is no such parameter",
            fix,
        );
    }
    (compiled, cases)
}

fn one(
    parameter: &'static Parameter,
    value: Value,
    path: &str,
    found: &mut Findings,
) -> Option<Compiled> {
    if parameter.can_be_computed()
        && let Some(source) = value.as_str().and_then(computed)
    {
        return expression(source, path, found).map(Compiled::Computed);
    }
    if let Some(reason) = parameter.wrong(&value) {
        found.add(path, reason, parameter.meaning());
        return None;
    }
    match (parameter.of(), value) {
        (ParameterType::Expression, Value::String(source)) => {
            expression(&source, path, found).map(Compiled::Query)
        }
        (ParameterType::Template, Value::String(source)) => {
            let template = Template::compile(&source);
            let template =
                template.map_err(|error| found.add(path, error.to_string(), "mend the template"));
            template.ok().map(Compiled::Text)
        }
        (ParameterType::Schema, written) => {
            let compiled = Schema::compile(&written);
            let compiled = compiled.map_err(|error| {
                found.add(
                    path,
                    error.to_string(),
                    "write a JSON Schema of draft 2020-12",
                );
            });
            compiled
                .ok()
                .map(|compiled| Compiled::Schema { compiled, written })
        }
        (ParameterType::Cases, Value::Array(items)) => cases(items, path, found),
        (ParameterType::Json, value) => tree(value, path, found),
        (_, value) => Some(Compiled::Literal(value)),
    }
}

/// The expression in `{% … %}`, as Step Functions write it.
fn computed(text: &str) -> Option<&str> {
    text.trim().strip_prefix("{%")?.strip_suffix("%}")
}

fn expression(source: &str, path: &str, found: &mut Findings) -> Option<Expression> {
    let compiled = Expression::compile(source.trim());
    let compiled =
        compiled.map_err(|error| found.add(path, error.to_string(), "mend the JSONata expression"));
    compiled.ok()
}

/// JSON in which texts may be expressions.
fn tree(value: Value, path: &str, found: &mut Findings) -> Option<Compiled> {
    match value {
        Value::String(text) => match computed(&text) {
            Some(source) => expression(source, path, found).map(Compiled::Computed),
            None => Some(Compiled::Literal(text.into())),
        },
        Value::Array(items) => {
            let items = items.into_iter().enumerate();
            let items = items.map(|(at, item)| tree(item, &format!("{path}[{at}]"), found));
            items.collect::<Option<Vec<_>>>().map(Compiled::List)
        }
        Value::Object(fields) => {
            let fields = fields.into_iter().map(|(name, field)| {
                let field = tree(field, &format!("{path}.{name}"), found)?;
                Some((name, field))
            });
            fields.collect::<Option<Vec<_>>>().map(Compiled::Object)
        }
        other => Some(Compiled::Literal(other)),
    }
}

fn cases(items: Vec<Value>, path: &str, found: &mut Findings) -> Option<Compiled> {
    const FIX: &str =
        "write a list of at least one and at most 50 `{output: NAME, when: EXPRESSION}`";
    if items.is_empty() || items.len() > 50 {
        found.add(path, format!("there are {} cases", items.len()), FIX);
        return None;
    }
    let mut cases = Vec::new();
    for (at, item) in items.into_iter().enumerate() {
        let path = format!("{path}[{at}]");
        let text = |name: &str| item.get(name).and_then(Value::as_str);
        let (Some(output), Some(when)) = (text("output"), text("when")) else {
            found.add(path, "it is no case", FIX);
            continue;
        };
        if item.as_object().is_some_and(|fields| fields.len() > 2) {
            found.add(&path, "it has other keys", FIX);
        }
        if output == "default" || !is_port(output) {
            let fix = "take lower-case letters, digits and `_`, and not `default`";
            found.add(
                format!("{path}.output"),
                format!("`{output}` is no name of an output"),
                fix,
            );
        }
        if let Some(when) = expression(when, &format!("{path}.when"), found) {
            cases.push((output.to_owned(), when));
        }
    }
    Some(Compiled::Cases(cases))
}

/// Whether a text can be the name of an output.
pub(super) fn is_port(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=40).contains(&text.len()) && text.bytes().all(plain)
}
