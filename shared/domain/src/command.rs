//! What people may ask for, and how they write it.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{ItemKind, TextError};

mod asked;

pub use asked::{Asked, NearMiss};

/// Work an agent can be asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// Change the code as the issue asks and open a draft pull request.
    Implement,
    /// Read the code and answer in the comment; nothing is changed.
    Investigate,
}

impl Verb {
    /// Every verb, for help texts and tables.
    pub const ALL: [Self; 2] = [Self::Implement, Self::Investigate];

    /// The word people write after `bot:`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Implement => "implement",
            Self::Investigate => "investigate",
        }
    }

    /// Whether the verb makes sense for that kind of item.
    pub const fn applies_to(self, kind: ItemKind) -> bool {
        match (self, kind) {
            (Self::Implement, ItemKind::Issue) | (Self::Investigate, _) => true,
            (Self::Implement, ItemKind::PullRequest) => false,
        }
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Verb {
    type Err = TextError;
    fn from_str(word: &str) -> Result<Self, TextError> {
        Self::ALL
            .into_iter()
            .find(|verb| verb.word() == word)
            .ok_or(TextError { what: "a verb" })
    }
}

/// A request as a person wrote it: `bot:<verb>` on a line of its own, or as a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", content = "verb", rename_all = "snake_case")]
pub enum Command {
    /// Start the verb on this item.
    Start(Verb),
    /// Stop whatever runs on this item.
    Stop,
}

impl Command {
    /// Every command, for help texts and tables.
    pub const ALL: [Self; 3] = [
        Self::Start(Verb::Implement),
        Self::Start(Verb::Investigate),
        Self::Stop,
    ];

    /// The word people write after `bot:`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Start(verb) => verb.word(),
            Self::Stop => "stop",
        }
    }

    /// What a comment asks for: the first line that a reader of the page sees as a command, in whatever case. What
    /// is in code, a quote, a list, a table, a link or HTML is somebody's example, not a request.
    pub fn in_comment(body: &str) -> Asked {
        asked::in_comment(body)
    }

    /// What a label asks for.
    pub fn from_label(name: &str) -> Asked {
        asked::from_label(name)
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "bot:{}", self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbs_know_their_targets() {
        assert!(!Verb::Implement.applies_to(ItemKind::PullRequest));
        assert!(Verb::Investigate.applies_to(ItemKind::PullRequest));
        for verb in Verb::ALL {
            assert_eq!(verb.word().parse(), Ok(verb));
        }
    }
}
