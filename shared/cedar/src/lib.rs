//! Decides by Cedar policies who may do what.
//!
//! The one owner of Cedar: a schema (`switchyard.cedarschema`), the policies that hold unless somebody says
//! otherwise (`default.cedar`), and the [`policy::Decider`] that asks them. Cedar's own rules hold: what no policy
//! permits is denied, and one that forbids wins. Beyond them, nothing is let through by an error: one policy that
//! cannot be evaluated denies the whole question.
//!
//! A function depends on this only if people's requests are decided in it.

mod decide;
mod entities;
mod error;
mod names;
mod policies;
mod rule;

pub use error::LoadError;
pub use policies::Policies;

#[cfg(test)]
mod tests;
