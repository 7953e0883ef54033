//! Templates: text with places for values.

use std::collections::BTreeSet;

use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior};
use serde_json::Value;

/// Longer texts are no templates.
const LONGEST: usize = 64 * 1024;
/// How much one rendering may do and write. One unit is an instruction, or a byte that is written.
const FUEL: u64 = 2_000_000;
/// The most parts of a template in one another.
const RECURSION: usize = 64;
/// The most bytes of what is rendered.
const RENDERED: usize = 1024 * 1024;

/// Why a template gives no text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// It is not written as one.
    #[error("line {line}: {message}")]
    Syntax {
        /// Where, from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// It is too long.
    #[error("a template has at most {LONGEST} bytes")]
    TooLong,
    /// It did not come to an end within its limits.
    #[error("it does not end within its limits")]
    Limit,
    /// It cannot be filled in with these values.
    #[error("{0}")]
    Failed(String),
}

/// A template that was found to be one. It includes nothing and loads nothing; a value in it is never read as a
/// template; a name that is not there is an error and no empty text.
#[derive(Clone, Debug)]
pub struct Template {
    source: String,
    names: BTreeSet<String>,
}

impl Template {
    /// Reads a template.
    pub fn compile(source: &str) -> Result<Self, TemplateError> {
        if source.len() > LONGEST {
            return Err(TemplateError::TooLong);
        }
        let environment = environment();
        let compiled = environment.template_from_str(source);
        let compiled = compiled.map_err(|error| TemplateError::Syntax {
            line: error.line().unwrap_or(1),
            message: message(&error),
        })?;
        let names = compiled.undeclared_variables(true).into_iter().collect();
        Ok(Self {
            source: source.to_owned(),
            names,
        })
    }

    /// The names that it needs, with the fields that it names: `input.title`.
    pub const fn names(&self) -> &BTreeSet<String> {
        &self.names
    }

    /// The text, with the values of `context` in their places.
    pub fn render(&self, context: &Value) -> Result<String, TemplateError> {
        let environment = environment();
        let rendered = environment.render_str(&self.source, minijinja::value::Serde(context));
        let text = rendered.map_err(|error| match error.kind() {
            ErrorKind::OutOfFuel => TemplateError::Limit,
            _ => TemplateError::Failed(message(&error)),
        })?;
        if text.len() > RENDERED {
            return Err(TemplateError::Limit);
        }
        Ok(text)
    }
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::empty();
    minijinja_filters(&mut environment);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(RECURSION);
    environment
}

/// The few filters that a text needs. What else there is to compute is for expressions.
fn minijinja_filters(environment: &mut Environment<'_>) {
    use minijinja::filters;
    environment.add_filter("default", filters::default);
    environment.add_filter("join", filters::join);
    environment.add_filter("length", filters::length);
    environment.add_filter("lower", filters::lower);
    environment.add_filter("upper", filters::upper);
    environment.add_filter("replace", filters::replace);
    environment.add_filter("trim", filters::trim);
    environment.add_function("range", minijinja::functions::range);
}

fn message(error: &Error) -> String {
    let detail = error.detail().map(|detail| format!(": {detail}"));
    format!("{}{}", error.kind(), detail.unwrap_or_default())
}
