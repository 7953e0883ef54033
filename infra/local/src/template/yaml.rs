//! From YAML with CloudFormation's tags to plain JSON, in which `!Ref x` is written `{"Ref": "x"}`.

use serde_json::{Map, Number, Value};
use serde_norway::Value as Yaml;

use super::{TemplateError, place::Place};

/// Parses `text`. The short forms of intrinsic functions become their long forms, so that one reader does for both.
pub(super) fn parse(text: &str) -> Result<Map<String, Value>, TemplateError> {
    let yaml: Yaml = serde_norway::from_str(text).map_err(|error| TemplateError::NotYaml {
        reason: error.to_string(),
    })?;
    let root = Place::section("template");
    match plain(&yaml, &root)? {
        Value::Object(sections) => Ok(sections),
        _ => Err(root.invalid("a map of sections")),
    }
}

fn plain(yaml: &Yaml, place: &Place) -> Result<Value, TemplateError> {
    Ok(match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(flag) => Value::Bool(*flag),
        Yaml::Number(number) => Value::Number(json_number(number, place)?),
        Yaml::String(text) => Value::String(text.clone()),
        Yaml::Sequence(items) => Value::Array(
            items
                .iter()
                .enumerate()
                .map(|(index, item)| plain(item, &place.index(index)))
                .collect::<Result<_, _>>()?,
        ),
        Yaml::Mapping(entries) => Value::Object(
            entries
                .iter()
                .map(|(key, value)| {
                    let key = key_text(key, place)?;
                    let value = plain(value, &place.key(&key))?;
                    Ok((key, value))
                })
                .collect::<Result<_, TemplateError>>()?,
        ),
        Yaml::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            long_form(tag.trim_start_matches('!'), plain(&tagged.value, place)?)
        }
    })
}

fn json_number(number: &serde_norway::Number, place: &Place) -> Result<Number, TemplateError> {
    number
        .as_i64()
        .map(Number::from)
        .or_else(|| number.as_u64().map(Number::from))
        .or_else(|| number.as_f64().and_then(Number::from_f64))
        .ok_or_else(|| place.invalid("a finite number"))
}

fn key_text(key: &Yaml, place: &Place) -> Result<String, TemplateError> {
    match key {
        Yaml::String(text) if text == "<<" => Err(place.unsupported("a YAML merge key")),
        Yaml::String(text) => Ok(text.clone()),
        Yaml::Number(number) => Ok(number.to_string()),
        _ => Err(place.invalid("keys that are text")),
    }
}

fn long_form(name: &str, argument: Value) -> Value {
    let (key, argument) = match (name, argument) {
        ("Ref" | "Condition", argument) => (name.to_owned(), argument),
        ("GetAtt", Value::String(text)) => ("Fn::GetAtt".to_owned(), dotted(&text)),
        (_, argument) => (format!("Fn::{name}"), argument),
    };
    Value::Object(Map::from_iter([(key, argument)]))
}

/// `Queue.Arn` as the two arguments of `Fn::GetAtt`; an attribute may contain dots, a resource may not.
fn dotted(text: &str) -> Value {
    match text.split_once('.') {
        Some((resource, attribute)) => Value::from(vec![resource, attribute]),
        None => Value::from(text),
    }
}
