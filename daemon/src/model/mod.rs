//! The model's address of one job: it adds the operator's key, and measures what was asked and answered.
//!
//! The agent gets an address of this machine and a token that is worth nothing elsewhere. What it sends there
//! goes to the configured provider and nowhere else, piece by piece as it comes, and so do the answers. What
//! this must never do: give the key away, follow a redirect, or reach anything but the model's own paths.

mod access;
mod address;
mod ask;
mod body;
mod headers;
mod meter;
mod paths;
mod provider;
mod reset;
mod seen;
#[cfg(test)]
mod tests;
mod verdict;

pub use access::ModelAccess;
pub use address::ModelAddress;
pub(crate) use ask::{Answer, AskError, Question};
pub use provider::{Credential, Model, Provider, Wire};
pub(crate) use seen::{Last, Seen};
pub(crate) use verdict::Verdict;
