//! GitHub's webhooks.

mod form;
mod parse;
mod payload;
mod signature;
mod verify;

pub use parse::{ParseError, parse};
pub use signature::SignatureFault;
pub use verify::{Verified, VerifyError, verify};

/// Whether an event of this name can mean anything to Switchyard. GitHub keeps adding names.
pub fn is_relevant(event: &str) -> bool {
    matches!(event, "issue_comment" | "issues" | "pull_request")
}
