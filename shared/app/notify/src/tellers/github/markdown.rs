//! GitHub's Markdown.

use std::fmt::Display;

use domain::{Fitted, Redactor, Untrusted};

/// Parts with empty lines between them; empty parts are left out.
pub(super) fn paragraphs(parts: impl IntoIterator<Item = String>) -> String {
    let parts = parts.into_iter().filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("\n\n")
}

pub(super) fn heading(text: &str) -> String {
    format!("### {text}")
}

/// A line of a list.
pub(super) fn item(sign: &str, text: &str) -> String {
    format!("- {sign} {text}")
}

/// Words of ours as code. What others wrote needs [`Quotes::code`].
pub(super) fn code(text: impl Display) -> String {
    format!("`{text}`")
}

pub(super) fn emphasis(text: &str) -> String {
    format!("*{text}*")
}

pub(super) fn small(text: &str) -> String {
    format!("<sub>{text}</sub>")
}

/// Quotes what an agent wrote: without credentials, and with nothing in it that acts. The daemon has taken out the
/// credentials that it knew, so there should be none.
#[derive(Default)]
pub(super) struct Quotes(Redactor);

impl Quotes {
    /// As one line.
    pub(super) fn line(&self, text: &str) -> String {
        Untrusted::new(self.clean(text)).for_line()
    }

    /// As code.
    pub(super) fn code(&self, text: &str) -> String {
        Untrusted::new(self.clean(text)).for_code()
    }

    /// As paragraphs of at most `limit` bytes, with nothing in them that would swallow what follows.
    pub(super) fn block(&self, text: &str, limit: usize) -> Fitted {
        Untrusted::new(self.clean(text)).for_comment(limit)
    }

    fn clean(&self, text: &str) -> String {
        let redacted = self.0.redact(text);
        if redacted.total() > 0 {
            tracing::warn!(
                metric.CredentialsRemoved = redacted.total(),
                kinds = ?redacted.counts.keys(),
                "what is told held something that looks like a credential"
            );
        }
        redacted.text
    }
}
