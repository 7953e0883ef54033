//! What runs execute: definitions, and the one task of those that there are.

use std::{collections::BTreeSet, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{ItemKind, TextError};

/// The name of a definition, which is also the word that people write after `bot:`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DefinitionName {
    bytes: [u8; Self::LONGEST],
    length: u8,
}

impl DefinitionName {
    /// The most letters of a name.
    pub const LONGEST: usize = 31;

    /// The name that a text of the code is.
    ///
    /// # Panics
    /// If it is none; a constant does not compile then.
    pub const fn literal(text: &'static str) -> Self {
        let from = text.as_bytes();
        assert!(
            is_name(from),
            "a definition's name is lower-case letters with hyphens between"
        );
        let mut bytes = [0; Self::LONGEST];
        let mut at = 0;
        while at < from.len() {
            bytes[at] = from[at];
            at += 1;
        }
        #[expect(clippy::cast_possible_truncation, reason = "a name is shorter")]
        let length = from.len() as u8;
        Self { bytes, length }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        let bytes = &self.bytes[..usize::from(self.length)];
        // Every byte is a letter or a hyphen.
        std::str::from_utf8(bytes).unwrap_or_default()
    }
}

const fn is_name(text: &[u8]) -> bool {
    if text.is_empty() || text.len() > DefinitionName::LONGEST {
        return false;
    }
    let mut at = 0;
    let mut letter = false;
    while at < text.len() {
        match text[at] {
            b'a'..=b'z' => letter = true,
            b'-' if letter => letter = false,
            _ => return false,
        }
        at += 1;
    }
    letter
}

impl FromStr for DefinitionName {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        if !is_name(text.as_bytes()) {
            let what = "a definition's name: lower-case letters, with hyphens between";
            return Err(TextError { what });
        }
        let mut bytes = [0; Self::LONGEST];
        bytes[..text.len()].copy_from_slice(text.as_bytes());
        let length = u8::try_from(text.len()).unwrap_or_default();
        Ok(Self { bytes, length })
    }
}

impl TryFrom<String> for DefinitionName {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, TextError> {
        text.parse()
    }
}

impl From<DefinitionName> for String {
    fn from(name: DefinitionName) -> Self {
        name.as_str().to_owned()
    }
}

impl fmt::Display for DefinitionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for DefinitionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The version of a definition that a run is pinned to. Versions never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DefinitionRef {
    /// The definition.
    pub name: DefinitionName,
    /// Its version, from 1.
    pub version: u32,
}

/// What a task may do in the repository.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RepositoryAccess {
    /// Read it.
    #[default]
    Read,
    /// Push branches of its own and open pull requests.
    Write,
}

/// Which tools an agent gets for a task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentTools {
    /// Those that look at things and run programs.
    #[default]
    Read,
    /// Those that change files by name too.
    Write,
}

/// What a task delivers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliverableKind {
    /// An answer.
    #[default]
    Findings,
    /// A change, proposed as a pull request.
    PullRequest,
}

/// What an agent is to do, and what it may. What a definition does not say is the least.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    access: RepositoryAccess,
    tools: AgentTools,
    deliverable: DeliverableKind,
    targets: BTreeSet<ItemKind>,
    prompt: String,
}

/// Why a task makes no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TaskError {
    /// It could be asked for nowhere.
    #[error("it has no target")]
    NoTarget,
    /// The agent would not know what to do.
    #[error("it has no prompt")]
    NoPrompt,
    /// A pull request needs a branch, and a change.
    #[error("a pull request needs write access and writing tools")]
    PullRequestWithoutWriting,
    /// An answer needs no right to push.
    #[error("findings need no write access")]
    FindingsWithWriting,
}

/// What a [`Task`] is made of.
#[derive(Clone, Debug, Default)]
pub struct TaskParts {
    /// What it may do in the repository.
    pub access: RepositoryAccess,
    /// Which tools the agent gets.
    pub tools: AgentTools,
    /// What it delivers.
    pub deliverable: DeliverableKind,
    /// Where it can be asked for.
    pub targets: BTreeSet<ItemKind>,
    /// What the agent is told, in our own words alone.
    pub prompt: String,
}

impl Task {
    /// Puts the parts together, if they make sense.
    pub fn new(parts: TaskParts) -> Result<Self, TaskError> {
        let TaskParts {
            access,
            tools,
            deliverable,
            targets,
            prompt,
        } = parts;
        if targets.is_empty() {
            return Err(TaskError::NoTarget);
        }
        if prompt.trim().is_empty() {
            return Err(TaskError::NoPrompt);
        }
        match (deliverable, access, tools) {
            (DeliverableKind::PullRequest, RepositoryAccess::Write, AgentTools::Write)
            | (DeliverableKind::Findings, RepositoryAccess::Read, _) => {}
            (DeliverableKind::PullRequest, ..) => return Err(TaskError::PullRequestWithoutWriting),
            (DeliverableKind::Findings, ..) => return Err(TaskError::FindingsWithWriting),
        }
        Ok(Self {
            access,
            tools,
            deliverable,
            targets,
            prompt,
        })
    }

    /// What it may do in the repository.
    pub const fn access(&self) -> RepositoryAccess {
        self.access
    }

    /// Which tools the agent gets.
    pub const fn tools(&self) -> AgentTools {
        self.tools
    }

    /// What it delivers.
    pub const fn deliverable(&self) -> DeliverableKind {
        self.deliverable
    }

    /// Whether it can be asked for on an item of that kind.
    pub fn applies_to(&self, kind: ItemKind) -> bool {
        self.targets.contains(&kind)
    }

    /// What the agent is told, in our own words alone.
    pub fn prompt(&self) -> &str {
        &self.prompt
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_lower_case_letters_with_hyphens_between() {
        const NAME: DefinitionName = DefinitionName::literal("ship-it");
        assert_eq!("ship-it".parse(), Ok(NAME));
        assert_eq!(NAME.to_string(), "ship-it");
        let long = "a".repeat(DefinitionName::LONGEST);
        assert_eq!(long.parse::<DefinitionName>().unwrap().as_str(), long);
        for wrong in [
            "",
            "-a",
            "a-",
            "a--b",
            "A",
            "a1",
            "a#b",
            "ä",
            &format!("{long}a"),
        ] {
            assert!(wrong.parse::<DefinitionName>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_not_said_is_the_least() {
        let parts = TaskParts {
            targets: BTreeSet::from([ItemKind::Issue]),
            prompt: "Look.".to_owned(),
            ..TaskParts::default()
        };
        let task = Task::new(parts.clone()).unwrap();
        assert_eq!(task.access(), RepositoryAccess::Read);
        assert_eq!(task.tools(), AgentTools::Read);
        assert_eq!(task.deliverable(), DeliverableKind::Findings);
        assert!(task.applies_to(ItemKind::Issue) && !task.applies_to(ItemKind::PullRequest));
        let changed = |change: fn(&mut TaskParts)| {
            let mut parts = parts.clone();
            change(&mut parts);
            Task::new(parts).unwrap_err()
        };
        assert_eq!(changed(|parts| parts.targets.clear()), TaskError::NoTarget);
        assert_eq!(changed(|parts| parts.prompt.clear()), TaskError::NoPrompt);
        assert_eq!(
            changed(|parts| parts.deliverable = DeliverableKind::PullRequest),
            TaskError::PullRequestWithoutWriting
        );
        assert_eq!(
            changed(|parts| parts.access = RepositoryAccess::Write),
            TaskError::FindingsWithWriting
        );
    }
}
