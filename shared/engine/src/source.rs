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
    prompt: String,
}

/// Why what is written is no definition.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SourceError {
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
    /// What runs are pinned to, and the task.
    pub(crate) fn check(self) -> Result<(DefinitionRef, Task), SourceError> {
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
        Ok((DefinitionRef { name, version }, task))
    }
}
