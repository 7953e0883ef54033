//! GitHub's webhooks.

mod form;
mod parse;
mod payload;
mod signature;
mod verify;

use domain::Vocabulary;

pub use parse::{ParseError, Source, parse, source};
pub use signature::SignatureFault;
pub use verify::{Verified, VerifyError, verify};

/// Whether an event of this name can mean anything to Switchyard. GitHub keeps adding names.
pub fn is_relevant(event: &str) -> bool {
    matches!(event, "issue_comment" | "issues" | "pull_request")
}

/// The largest document that [`asks_for_nothing`] looks into: more than a comment and its issue can be, so that
/// the time it takes has a bound.
const LOOKED_INTO: usize = 1024 * 1024;

/// Whether a verified document, delivered under the name `event`, can ask for nothing: most of what GitHub
/// sends is the echo of Switchyard's own comments. `triage` decides by the same rule. Whoever is not sure is
/// told no.
pub fn asks_for_nothing(event: &str, document: &[u8], vocabulary: &Vocabulary) -> bool {
    if !is_relevant(event) {
        return true;
    }
    document.len() <= LOOKED_INTO
        && parse(event, document).is_ok_and(|event| event.asks_for_nothing(vocabulary))
}
