//! What people may be allowed to do.

use std::fmt;

use domain::{DefinitionRef, RepositoryAccess, Task};

mod sealed {
    pub trait Sealed {}
}

/// Something that a person asks for. Each action is a type, so that permission for one is none for another.
pub trait Action: sealed::Sealed + Clone + fmt::Debug {
    /// The action, as a decider is asked about it.
    fn kind(&self) -> ActionKind;
}

/// Every action, for those who decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionKind {
    /// See [`StartRun`].
    StartRun {
        /// What the run may do in the repository.
        access: RepositoryAccess,
    },
    /// See [`StopRuns`].
    StopRuns,
    /// See [`GetHelp`].
    GetHelp,
}

/// To start a run of a definition on a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StartRun {
    definition: DefinitionRef,
    access: RepositoryAccess,
}

impl StartRun {
    /// To start a run of `definition`, whose task is `task`.
    pub const fn of(definition: DefinitionRef, task: &Task) -> Self {
        Self {
            definition,
            access: task.access(),
        }
    }

    /// What is executed.
    pub const fn definition(self) -> DefinitionRef {
        self.definition
    }
}

/// To stop whatever runs on a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StopRuns;

/// To be told how a command is written, after something that was almost one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GetHelp;

impl sealed::Sealed for StartRun {}
impl sealed::Sealed for StopRuns {}
impl sealed::Sealed for GetHelp {}

impl Action for StartRun {
    fn kind(&self) -> ActionKind {
        ActionKind::StartRun {
            access: self.access,
        }
    }
}

impl Action for StopRuns {
    fn kind(&self) -> ActionKind {
        ActionKind::StopRuns
    }
}

impl Action for GetHelp {
    fn kind(&self) -> ActionKind {
        ActionKind::GetHelp
    }
}
