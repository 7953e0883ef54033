//! JSONata, within limits that do not depend on a clock.

use std::collections::{BTreeMap, BTreeSet};

use jlens_core::{
    Bindings, Document, Error, HostFunction, Options,
    reads::{Read, Reads},
};
use serde_json::Value;

/// How much one evaluation may do. The same expression on the same input takes the same steps everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most parts of the expression that are evaluated, calls and tries of patterns among them.
    pub steps: u64,
    /// The most calls in one another.
    pub depth: usize,
    /// The most bytes of the result, and of each text on the way.
    pub bytes: usize,
    /// The most items of each list on the way.
    pub items: usize,
}

impl Limits {
    /// What an expression of a definition gets.
    pub const STANDARD: Self = Self {
        steps: 200_000,
        depth: 200,
        bytes: 1024 * 1024,
        items: 100_000,
    };
}

/// What an expression sees of time and chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// What `$now()` and `$millis()` say, in milliseconds since 1970.
    pub millis: i64,
    /// What `$random()` and `$shuffle()` follow from.
    pub seed: u64,
}

/// Values by the names under which an expression knows them, without the `$`.
pub type Variables = BTreeMap<String, Value>;

/// The most items of a list that an expression looks at one by one.
pub const MOST_ITEMS: usize = 10_000;
/// The most steps for all items of such a list together.
pub const STEPS_OF_ALL: u64 = 5_000_000;

/// Longer texts are no expressions.
const LONGEST: usize = 16 * 1024;
/// More brackets in one another are no expression that anybody wrote.
const DEEPEST: usize = 100;

/// Why an expression gives no value. `code` is JSONata's own.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExpressionError {
    /// It is not written as one.
    #[error("at character {at}: {message} ({code})")]
    Syntax {
        /// JSONata's code.
        code: String,
        /// Where, from 0.
        at: usize,
        /// What is wrong.
        message: String,
    },
    /// It is too long, or has too many brackets in one another.
    #[error("an expression has at most {LONGEST} bytes and {DEEPEST} brackets in one another")]
    TooLong,
    /// It did not come to an end within its limits.
    #[error("it does not end within its limits: {0}")]
    Limit(String),
    /// It cannot be computed from this input.
    #[error("{message} ({code})")]
    Failed {
        /// JSONata's code.
        code: String,
        /// What is wrong.
        message: String,
    },
}

/// A JSONata expression that was found to be one.
#[derive(Clone, Debug)]
pub struct Expression {
    compiled: jlens_core::Expression,
}

/// What an expression reads of one variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Names {
    /// Nothing.
    None,
    /// These fields of it.
    These(BTreeSet<String>),
    /// All of it, or what cannot be told beforehand.
    All,
}

impl Expression {
    /// Reads an expression.
    pub fn compile(source: &str) -> Result<Self, ExpressionError> {
        if source.len() > LONGEST || depth(source) > DEEPEST {
            return Err(ExpressionError::TooLong);
        }
        let compiled = jlens_core::Expression::compile(source).map_err(|error| syntax(&error))?;
        Ok(Self { compiled })
    }

    /// As it is written.
    pub fn source(&self) -> &str {
        self.compiled.source()
    }

    /// The variables that it may read, without the `$`.
    pub fn variables(&self) -> BTreeSet<String> {
        self.reads().bindings().keys().cloned().collect()
    }

    /// What it may read of a variable.
    pub fn reads_of(&self, variable: &str) -> Names {
        let reads = self.reads();
        match reads.binding(variable) {
            _ if reads.every_binding() => Names::All,
            None => Names::None,
            Some(Read::Whole) => Names::All,
            Some(Read::Fields(fields)) => Names::These(fields.keys().cloned().collect()),
        }
    }

    fn reads(&self) -> Reads {
        self.compiled.reads_with(&guards())
    }

    /// Its value; none where JSONata says that there is none. Nothing else than the arguments decides what it is.
    pub fn evaluate(
        &self,
        input: &Value,
        variables: &Variables,
        moment: Moment,
        limits: Limits,
    ) -> Result<Option<Value>, ExpressionError> {
        let bindings = variables.iter().fold(guards(), |bindings, (name, value)| {
            bindings.var(name, value.clone())
        });
        let result = self
            .compiled
            .evaluate_with(Some(input), &bindings, &options(moment, limits));
        result.map_err(|error| failed(&error))
    }

    /// Its value for each of `items`, which it knows as its input and as `$item`, and its place, from 0, as `$index`.
    /// Together they take no more than [`STEPS_OF_ALL`] steps, and what they share is read once.
    pub fn evaluate_each(
        &self,
        items: &[Value],
        variables: &Variables,
        moment: Moment,
        limits: Limits,
    ) -> Result<Vec<Option<Value>>, ExpressionError> {
        if items.len() > MOST_ITEMS {
            let reason = format!("there are more than {MOST_ITEMS} items");
            return Err(ExpressionError::Limit(reason));
        }
        let each = STEPS_OF_ALL / u64::try_from(items.len().max(1)).unwrap_or(u64::MAX);
        let steps = limits.steps.min(each);
        let options = options(moment, Limits { steps, ..limits });
        let named = self.variables();
        let shared = variables.iter().filter(|(name, _)| named.contains(*name));
        let shared: Vec<(&str, Document)> = shared
            .map(|(name, value)| (name.as_str(), Document::new(value)))
            .collect();
        let guards = guards();
        let values = items.iter().enumerate().map(|(place, item)| {
            let (item, index) = (Document::new(item), Document::new(&Value::from(place)));
            let mut known: Vec<(&str, &Document)> =
                shared.iter().map(|(name, value)| (*name, value)).collect();
            known.extend([("item", &item), ("index", &index)]);
            let value = self
                .compiled
                .evaluate_document_with(&item, &known, &guards, &options);
            value.map_err(|error| failed(&error))
        });
        values.collect()
    }
}

fn options(moment: Moment, limits: Limits) -> Options {
    Options::new()
        .max_steps(limits.steps)
        .max_depth(limits.depth)
        .max_string_length(limits.bytes)
        .max_array_length(limits.items)
        .max_result_size(limits.bytes)
        .now(moment.millis)
        .seed(moment.seed)
}

/// What no expression may do: `$eval` would make a program of whatever somebody outside has written.
fn guards() -> Bindings {
    let refused = HostFunction::new(2, |_, _| {
        let reason = "$eval is not there: text from outside is never evaluated";
        Err(Error::new("U1001").with("message", reason))
    });
    Bindings::new().function("eval", refused.without_input())
}

/// How many brackets stand in one another at most, whatever is in quotes.
fn depth(source: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for byte in source.bytes() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

fn syntax(error: &Error) -> ExpressionError {
    ExpressionError::Syntax {
        code: error.code().to_owned(),
        at: error.position().unwrap_or_default(),
        message: error.message(),
    }
}

fn failed(error: &Error) -> ExpressionError {
    match error.code() {
        "U1001" | "U1006" | "D1011" | "D2014" => ExpressionError::Limit(error.message()),
        code => ExpressionError::Failed {
            code: code.to_owned(),
            message: error.message(),
        },
    }
}
