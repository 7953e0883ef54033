//! Why work fails, with what a person needs to know to go on.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Redactor, clip};

mod kind;

pub use kind::FailureKind;

/// The most things one failure names.
const ABOUT_LIMIT: usize = 3;
/// The most bytes of each; a failure is kept in the run, which every transition writes anew.
const TEXT_LIMIT: usize = 120;

/// Why work failed. The kind decides the public words; what it is about comes from the repository or the
/// agent and is untrusted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Parts")]
pub struct Failure {
    kind: FailureKind,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    about: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kept: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_at: Option<Timestamp>,
}

impl Failure {
    /// Says which files, limits or names it is about, the first few of them.
    #[must_use]
    pub fn about<T: AsRef<str>>(mut self, about: impl IntoIterator<Item = T>) -> Self {
        let clipped = about
            .into_iter()
            .map(|text| clip(text.as_ref(), TEXT_LIMIT).to_owned());
        self.about = clipped.take(ABOUT_LIMIT).collect();
        self
    }

    /// Says on which branch the work is kept all the same.
    #[must_use]
    pub fn kept_on(mut self, branch: &str) -> Self {
        self.kept = Some(clip(branch, TEXT_LIMIT).to_owned());
        self
    }

    /// Says from when on trying again can help.
    #[must_use]
    pub fn retry_at(mut self, at: Timestamp) -> Self {
        self.retry_at = Some(at);
        self
    }

    /// The same without credentials in what it names.
    #[must_use]
    pub fn redacted(mut self, redactor: &Redactor) -> Self {
        let names: Vec<_> = self
            .about
            .iter()
            .map(|name| redactor.redact(name).text)
            .collect();
        self.kept = self.kept.map(|branch| redactor.redact(&branch).text);
        self.about(names)
    }

    /// What kind of failure it is.
    pub fn kind(&self) -> FailureKind {
        self.kind
    }

    /// Which files, limits or names it is about; untrusted.
    pub fn names(&self) -> &[String] {
        &self.about
    }

    /// The branch on which the work is kept, if it is; untrusted.
    pub fn branch(&self) -> Option<&str> {
        self.kept.as_deref()
    }

    /// From when on trying again can help, if that is known.
    pub fn retries_at(&self) -> Option<Timestamp> {
        self.retry_at
    }
}

impl From<FailureKind> for Failure {
    fn from(kind: FailureKind) -> Self {
        Self {
            kind,
            about: Vec::new(),
            kept: None,
            retry_at: None,
        }
    }
}

#[derive(Deserialize)]
struct Parts {
    kind: FailureKind,
    #[serde(default)]
    about: Vec<String>,
    kept: Option<String>,
    retry_at: Option<Timestamp>,
}

impl From<Parts> for Failure {
    fn from(parts: Parts) -> Self {
        let mut failure = Self::from(parts.kind).about(parts.about);
        failure.kept = parts
            .kept
            .map(|branch| clip(&branch, TEXT_LIMIT).to_owned());
        failure.retry_at = parts.retry_at;
        failure
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_failure_names_is_bounded_however_it_was_made() {
        let long = "ä".repeat(500);
        let made = Failure::from(FailureKind::ProtectedFiles)
            .about([&long, &long, &long, &long])
            .kept_on(&long);
        assert_eq!(made.names().len(), ABOUT_LIMIT);
        assert!(made.names().iter().all(|name| name.len() <= TEXT_LIMIT));
        let sent =
            format!(r#"{{"kind":"protected_files","about":["{long}","","",""],"kept":"{long}"}}"#);
        let read: Failure = serde_json::from_str(&sent).unwrap();
        assert_eq!(read.names().len(), ABOUT_LIMIT);
        assert!(read.branch().unwrap().len() <= TEXT_LIMIT);
        let plain: Failure = serde_json::from_str(r#"{"kind":"internal"}"#).unwrap();
        assert_eq!(plain, FailureKind::Internal.into());
    }
}
