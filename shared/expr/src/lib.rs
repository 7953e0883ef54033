//! What definitions compute, check and fill in: JSONata expressions, JSON Schemas and templates. Pure: no clock, no
//! chance, no file and no network of its own, so that the same input gives the same result on every machine.
//!
//! Everything here is bounded before it is begun, by bytes and depth, and while it runs, by steps and by the size of
//! what comes out; never by a clock. It is the one owner of the libraries behind it, whose types stay inside.

mod bounds;
mod expression;
mod schema;
mod template;
#[cfg(test)]
mod tests;

pub use bounds::{Bounds, OutOfBounds, check_nesting, check_value, parse};
pub use expression::{
    Expression, ExpressionError, Limits, MOST_ITEMS, Moment, Names, STEPS_OF_ALL, Variables,
};
pub use schema::{Schema, SchemaError, Violation};
pub use template::{Template, TemplateError};
