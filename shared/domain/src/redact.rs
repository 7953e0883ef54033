//! Credentials in what is about to be seen by others.

use std::{collections::BTreeMap, fmt, ops::Range};

mod known;
mod shapes;

use known::Known;

/// How every mark begins that stands in the place of a credential.
const MARK: &str = "[redacted: ";

/// What a credential is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CredentialKind {
    /// A secret that this platform holds itself.
    Platform,
    /// A token of GitHub or GitLab.
    Forge,
    /// A key of a model provider.
    Model,
    /// A key of a cloud.
    Cloud,
    /// A token or webhook of a chat.
    Chat,
    /// A token of a package registry.
    Registry,
    /// A key of a payment provider.
    Payment,
    /// A key of another web service.
    Service,
    /// A private key.
    PrivateKey,
    /// A signed token for a web service.
    WebToken,
    /// What a request authorises itself with.
    Authorization,
    /// A password in an address.
    AddressPassword,
}

impl CredentialKind {
    /// What it is called, with its article.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Platform => "a secret of this platform",
            Self::Forge => "a token of a code host",
            Self::Model => "a model provider's key",
            Self::Cloud => "a cloud's key",
            Self::Chat => "a chat's token",
            Self::Registry => "a package registry's token",
            Self::Payment => "a payment provider's key",
            Self::Service => "a web service's key",
            Self::PrivateKey => "a private key",
            Self::WebToken => "a signed web token",
            Self::Authorization => "an authorization header",
            Self::AddressPassword => "a password in an address",
        }
    }
}

/// Finds credentials: secrets it was told of, however they are written, and whatever has a credential's shape. Takes
/// time in proportion to the text.
#[derive(Clone, Default)]
pub struct Redactor {
    known: Known,
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redactor")
    }
}

/// A text without credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redacted {
    /// The text, with a mark in the place of each credential.
    pub text: String,
    /// How many of each kind were replaced.
    pub counts: BTreeMap<CredentialKind, usize>,
}

impl Redacted {
    /// How many credentials were replaced.
    pub fn total(&self) -> usize {
        self.counts.values().sum()
    }
}

impl Redactor {
    /// One that also knows these secrets; those of fewer than 8 characters are found by chance and passed over.
    pub fn knowing<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            known: Known::new(secrets),
        }
    }

    /// The text with a mark in the place of each credential.
    pub fn redact(&self, text: &str) -> Redacted {
        let mut out = String::with_capacity(text.len());
        let mut counts = BTreeMap::new();
        let mut at = 0;
        for (range, kind) in self.places(text) {
            out.push_str(&text[at..range.start]);
            out.push_str(MARK);
            out.push_str(kind.words());
            out.push(']');
            *counts.entry(kind).or_default() += 1;
            at = range.end;
        }
        out.push_str(&text[at..]);
        Redacted { text: out, counts }
    }

    /// The kinds of credentials in the text, each once.
    pub fn kinds(&self, text: &str) -> Vec<CredentialKind> {
        let mut kinds: Vec<_> = self
            .places(text)
            .into_iter()
            .map(|(_, kind)| kind)
            .collect();
        kinds.sort();
        kinds.dedup();
        kinds
    }

    /// Where the credentials are, in their order, none within another.
    fn places(&self, text: &str) -> Vec<(Range<usize>, CredentialKind)> {
        let mut found = self.known.find(text);
        found.extend(shapes::find(text));
        found.sort_by_key(|(range, kind)| (range.start, *kind));
        let mut places: Vec<(Range<usize>, CredentialKind)> = Vec::new();
        for (range, kind) in found {
            match places.last_mut() {
                Some((last, _)) if range.start < last.end => last.end = last.end.max(range.end),
                _ => places.push((range, kind)),
            }
        }
        places
    }
}

/// How many marks of removed credentials a text holds, whoever put them there.
pub fn redactions(text: &str) -> usize {
    text.matches(MARK).count()
}

#[cfg(test)]
mod tests;
