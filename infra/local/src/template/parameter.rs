//! Values of the template's parameters.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{TemplateError, place::Place};

/// The value of each parameter: the given one, or else its default. A list's items are separated by commas.
pub(super) fn values(
    section: &Map<String, Value>,
    given: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, Value>, TemplateError> {
    if let Some(name) = given.keys().find(|name| !section.contains_key(*name)) {
        return Err(TemplateError::UnknownParameter { name: name.clone() });
    }
    section
        .iter()
        .map(|(name, declaration)| {
            let value = value(name, declaration, given.get(name))?;
            Ok((name.clone(), value))
        })
        .collect()
}

fn value(name: &str, declaration: &Value, given: Option<&String>) -> Result<Value, TemplateError> {
    let place = Place::section("Parameters").key(name);
    let text = match (given, declaration.get("Default")) {
        (Some(given), _) => given.clone(),
        (None, Some(default)) => {
            scalar(default).ok_or_else(|| place.key("Default").invalid("text or a number"))?
        }
        (None, None) => {
            return Err(TemplateError::MissingParameter {
                name: name.to_owned(),
            });
        }
    };
    check_allowed(name, declaration, &text)?;
    typed(declaration, text, &place)
}

fn check_allowed(name: &str, declaration: &Value, text: &str) -> Result<(), TemplateError> {
    let Some(Value::Array(allowed)) = declaration.get("AllowedValues") else {
        return Ok(());
    };
    if allowed
        .iter()
        .any(|one| scalar(one).as_deref() == Some(text))
    {
        return Ok(());
    }
    Err(TemplateError::RefusedParameter {
        name: name.to_owned(),
        value: text.to_owned(),
    })
}

fn typed(declaration: &Value, text: String, place: &Place) -> Result<Value, TemplateError> {
    let place = place.key("Type");
    match declaration.get("Type").and_then(Value::as_str) {
        None => Err(place.missing()),
        Some("String" | "Number") => Ok(Value::String(text)),
        Some(list) if list == "CommaDelimitedList" || list.starts_with("List<") => {
            Ok(text.split(',').map(str::trim).collect())
        }
        Some(other) => Err(place.unsupported(format!("the parameter type {other}"))),
    }
}

/// A scalar as CloudFormation writes it where text is wanted.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
