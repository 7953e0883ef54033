//! JSON Schema (draft 2020-12), without resolvers and with a bound on what one check may cost.

use std::collections::BTreeMap;

use jsonschema::{Draft, PatternOptions, Validator};
use serde_json::Value;

use crate::{Bounds, OutOfBounds, check_value};

/// The most parts of a schema once what it refers to stands in the place of each reference.
const PARTS: usize = 10_000;
/// The most bytes that a pattern may take once compiled.
const PATTERN: usize = 1024 * 1024;
/// The most violations that are told of one value.
const TOLD: usize = 20;

/// Keywords that refer to something else than a part of `$defs`.
const OTHER_REFERENCES: [&str; 6] = [
    "$id",
    "$anchor",
    "$dynamicAnchor",
    "$dynamicRef",
    "$recursiveAnchor",
    "$recursiveRef",
];

/// Why something is no schema that is taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// It is no JSON Schema.
    #[error("{0}")]
    Invalid(String),
    /// It is too large or too deep.
    #[error(transparent)]
    Bounds(#[from] OutOfBounds),
    /// It refers to what is not in it. Nothing is fetched and no file is read.
    #[error("`{0}` is not in this schema: refer to `#/$defs/NAME`, nothing else is looked up")]
    Elsewhere(String),
    /// It contains itself, or becomes too large once its references are followed.
    #[error("it contains itself or has more than {PARTS} parts once its references are followed")]
    Unbounded,
}

/// What is wrong with a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Where in the value, as a JSON pointer; empty for all of it.
    pub path: String,
    /// What is wrong there.
    pub reason: String,
}

/// A JSON Schema that was found to be one.
#[derive(Debug)]
pub struct Schema {
    validator: Validator,
}

impl Schema {
    /// Reads a schema of draft 2020-12.
    pub fn compile(schema: &Value) -> Result<Self, SchemaError> {
        check_value(schema, Bounds::DEFINITION)?;
        let definitions = schema.get("$defs").and_then(Value::as_object);
        let mut weights = Weights {
            definitions,
            known: BTreeMap::new(),
        };
        weights.of(schema)?;
        let options = jsonschema::options()
            .with_draft(Draft::Draft202012)
            .with_pattern_options(PatternOptions::regex().size_limit(PATTERN))
            .should_validate_formats(true);
        let validator = options.build(schema);
        let validator = validator.map_err(|error| SchemaError::Invalid(error.to_string()))?;
        Ok(Self { validator })
    }

    /// What is wrong with a value; nothing if it fits. Of very many faults the first are told.
    pub fn violations(&self, value: &Value) -> Vec<Violation> {
        if let Err(error) = check_value(value, Bounds::VALUE) {
            let path = String::new();
            let reason = error.to_string();
            return vec![Violation { path, reason }];
        }
        let errors = self.validator.iter_errors(value).take(TOLD);
        errors
            .map(|error| Violation {
                path: error.instance_path().to_string(),
                reason: error.masked().to_string(),
            })
            .collect()
    }
}

/// How many parts a schema has once its references are followed, so that one check costs no more than these parts
/// times the parts of the value.
struct Weights<'a> {
    definitions: Option<&'a serde_json::Map<String, Value>>,
    /// By the name of the definition; none while it is being looked at.
    known: BTreeMap<&'a str, Option<usize>>,
}

impl<'a> Weights<'a> {
    fn of(&mut self, schema: &'a Value) -> Result<usize, SchemaError> {
        let mut weight = 1;
        match schema {
            Value::Array(items) => {
                for item in items {
                    weight += self.of(item)?;
                }
            }
            Value::Object(fields) => {
                for (name, field) in fields {
                    weight += self.of_field(name, field)?;
                }
            }
            _ => {}
        }
        if weight > PARTS {
            return Err(SchemaError::Unbounded);
        }
        Ok(weight)
    }

    fn of_field(&mut self, name: &'a str, field: &'a Value) -> Result<usize, SchemaError> {
        match (name, field) {
            ("$ref", Value::String(to)) => self.referred(to),
            (name, Value::String(to)) if OTHER_REFERENCES.contains(&name) => {
                Err(SchemaError::Elsewhere(to.clone()))
            }
            // They cost where they are referred to.
            ("$defs", Value::Object(definitions)) => {
                for name in definitions.keys() {
                    self.definition(name)?;
                }
                Ok(0)
            }
            // Values, not schemas.
            ("const" | "enum" | "default" | "examples", _) => Ok(1),
            _ => self.of(field),
        }
    }

    fn referred(&mut self, to: &'a str) -> Result<usize, SchemaError> {
        match to.strip_prefix("#/$defs/") {
            Some(name) => self.definition(name),
            None => Err(SchemaError::Elsewhere(to.to_owned())),
        }
    }

    fn definition(&mut self, name: &'a str) -> Result<usize, SchemaError> {
        if let Some(known) = self.known.get(name) {
            return known.ok_or(SchemaError::Unbounded);
        }
        let found = self.definitions.and_then(|all| all.get(name));
        let found = found.ok_or_else(|| SchemaError::Elsewhere(name.to_owned()))?;
        self.known.insert(name, None);
        let weight = self.of(found)?;
        self.known.insert(name, Some(weight));
        Ok(weight)
    }
}
