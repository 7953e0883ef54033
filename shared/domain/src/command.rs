//! What people may ask for, and how they write it.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{ItemKind, TextError};

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

const PREFIX: &str = "bot:";

impl Command {
    /// The first command in a comment. A command is a whole line; quoted lines and fenced code are
    /// somebody's example, not a request.
    pub fn in_comment(body: &str) -> Option<Self> {
        let mut fence = None;
        body.lines().map(str::trim).find_map(|line| {
            let mark = ["```", "~~~"]
                .into_iter()
                .find(|mark| line.starts_with(mark));
            match (fence, mark) {
                (None, Some(mark)) => fence = Some(mark),
                (Some(open), Some(mark)) if open == mark => fence = None,
                (None, None) => return Self::from_word(line),
                (Some(_), _) => {}
            }
            None
        })
    }

    /// The command that a label asks for.
    pub fn from_label(name: &str) -> Option<Self> {
        Self::from_word(name)
    }

    fn from_word(text: &str) -> Option<Self> {
        match text.strip_prefix(PREFIX)? {
            "stop" => Some(Self::Stop),
            word => word.parse().ok().map(Self::Start),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_whole_lines() {
        let implement = Some(Command::Start(Verb::Implement));
        let cases = [
            ("bot:implement", implement),
            ("Please.\r\n  bot:implement  \r\nThanks", implement),
            (
                "bot:investigate\nbot:implement",
                Some(Command::Start(Verb::Investigate)),
            ),
            ("bot:stop", Some(Command::Stop)),
            ("please bot:implement", None),
            ("bot:implement now", None),
            ("bot: implement", None),
            ("Bot:implement", None),
            ("> bot:implement", None),
            ("```\nbot:implement\n```", None),
            ("```\n~~~\n```\nbot:implement", implement),
            ("~~~\n```\nbot:implement\n~~~", None),
            ("bot:deploy", None),
            ("", None),
        ];
        for (body, expected) in cases {
            assert_eq!(Command::in_comment(body), expected, "{body:?}");
        }
    }

    #[test]
    fn verbs_know_their_targets() {
        assert!(!Verb::Implement.applies_to(ItemKind::PullRequest));
        assert!(Verb::Investigate.applies_to(ItemKind::PullRequest));
        for verb in Verb::ALL {
            assert_eq!(verb.word().parse(), Ok(verb));
        }
    }
}
