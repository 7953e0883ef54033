//! A definition as it is written.

use std::collections::BTreeSet;

use domain::{
    AgentTools, Command, DefinitionName, DefinitionRef, DeliverableKind, ItemKind,
    RepositoryAccess, Task, TaskError, TaskParts,
};
use serde::Deserialize;

/// A definition as it is written. What it does not say is the least.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DefinitionSource {
    name: DefinitionName,
    version: u32,
    targets: BTreeSet<ItemKind>,
    #[serde(default)]
    access: RepositoryAccess,
    #[serde(default)]
    tools: AgentTools,
    #[serde(default)]
    deliverable: DeliverableKind,
    #[serde(default)]
    when_busy: WhenBusy,
    prompt: String,
}

/// What a second request does while another one is at work on the same subject.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhenBusy {
    /// It is refused.
    #[default]
    Refuse,
    /// It waits for its turn.
    Wait,
}

/// Why what is written is no definition.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// It is not written as one.
    #[error(transparent)]
    Shape(#[from] serde_norway::Error),
    /// Its name means something else.
    #[error("`{0}` is a command already")]
    Reserved(DefinitionName),
    /// Versions count from 1.
    #[error("version 0 of {0}")]
    Version(DefinitionName),
    /// Its task makes no sense.
    #[error("{0}: {1}")]
    Task(DefinitionName, TaskError),
}

impl DefinitionSource {
    /// What runs are pinned to, the task, and what a second request does.
    pub(crate) fn check(self) -> Result<(DefinitionRef, Task, WhenBusy), SourceError> {
        let name = self.name;
        if name.as_str() == Command::STOP {
            return Err(SourceError::Reserved(name));
        }
        if self.version == 0 {
            return Err(SourceError::Version(name));
        }
        let task = Task::new(TaskParts {
            access: self.access,
            tools: self.tools,
            deliverable: self.deliverable,
            targets: self.targets,
            prompt: self.prompt,
        });
        let task = task.map_err(|error| SourceError::Task(name, error))?;
        let version = self.version;
        Ok((DefinitionRef { name, version }, task, self.when_busy))
    }
}
