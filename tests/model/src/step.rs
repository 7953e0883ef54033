//! A step attempt: what a run waits for, an item of its own that changes by compare-and-swap.

use serde::Serialize;

use crate::{Content, Outcome};

/// Where a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// Nobody has it.
    Queued,
    /// A daemon has a lease on it under the newest fence.
    Running {
        /// Whether the lease has run out.
        lapsed: bool,
    },
    /// It is over.
    Closed(Outcome),
}

/// A step attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Step {
    /// What is to be done.
    pub content: Content,
    /// The version of the head on which it was prepared.
    pub basis: u8,
    /// Where it stands.
    pub state: StepState,
    /// How many leases were given out.
    pub fence: u8,
    /// How many of them were lost.
    pub losses: u8,
    /// Whether it has a due time.
    pub due: bool,
}

impl Step {
    /// A step that nobody has had yet.
    pub const fn prepared(content: Content, basis: u8) -> Self {
        Self {
            content,
            basis,
            state: StepState::Queued,
            fence: 0,
            losses: 0,
            due: true,
        }
    }

    /// How it is over, if it is.
    pub const fn outcome(&self) -> Option<Outcome> {
        match self.state {
            StepState::Closed(outcome) => Some(outcome),
            StepState::Queued | StepState::Running { .. } => None,
        }
    }

    /// Whether it has had a lease, or is over.
    pub fn has_begun(&self) -> bool {
        self.state != StepState::Queued || self.fence > 0
    }

    /// Whether it may be closed by somebody else than the holder of its lease: nobody is at work on it.
    pub const fn is_idle(&self) -> bool {
        matches!(
            self.state,
            StepState::Queued | StepState::Running { lapsed: true }
        )
    }
}
