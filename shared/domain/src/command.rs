//! What people may ask for, and how they write it.

use std::{collections::BTreeSet, fmt};

use serde::{Deserialize, Serialize};

use crate::DefinitionName;

mod asked;

pub use asked::{Asked, NearMiss};

/// A request as a person wrote it: `bot:<word>` on a line of its own, or as a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", content = "name", rename_all = "snake_case")]
pub enum Command {
    /// Start a run of the definition on this item.
    Start(DefinitionName),
    /// Stop whatever runs on this item.
    Stop,
}

impl Command {
    /// The word that stops, which no definition can have as its name.
    pub const STOP: &str = "stop";

    /// The word people write after `bot:`.
    pub fn word(&self) -> &str {
        match self {
            Self::Start(name) => name.as_str(),
            Self::Stop => Self::STOP,
        }
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "bot:{}", self.word())
    }
}

/// The commands that there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vocabulary(BTreeSet<DefinitionName>);

impl Vocabulary {
    /// Those that start the definitions of these names, and the one that stops.
    pub fn new(names: impl IntoIterator<Item = DefinitionName>) -> Self {
        Self(names.into_iter().collect())
    }

    /// Every command, for help texts and tables.
    pub fn commands(&self) -> impl Iterator<Item = Command> {
        let starts = self.0.iter().copied().map(Command::Start);
        starts.chain([Command::Stop])
    }

    /// What a comment asks for: the first line that a reader of the page sees as a command, in whatever case. What
    /// is in code, a quote, a list, a table, a link or HTML is somebody's example, not a request.
    pub fn in_comment(&self, body: &str) -> Asked {
        asked::in_comment(self, body)
    }

    /// Whether a comment asks for that, be it not before other things.
    pub fn is_in_comment(&self, body: &str, asked: Asked) -> bool {
        asked::is_in_comment(self, body, asked)
    }

    /// What a label asks for.
    pub fn in_label(&self, name: &str) -> Asked {
        asked::in_label(self, name)
    }
}
