//! Ending a step that nobody is at work on.

use jiff::Timestamp;

use super::{StepAttempt, StepState};
use crate::Outcome;

/// What became of a step that was to be closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Closed {
    /// It is over once this is written.
    Now(StepAttempt),
    /// A daemon is at work on it, which hears of it at its heartbeat.
    AtWork,
    /// It was over before.
    Before,
}

impl StepAttempt {
    /// Ends it, unless somebody is at work on it. Its due time stays: by that a lost look at the run is found.
    #[must_use]
    pub fn close(self, outcome: Outcome, now: Timestamp) -> Closed {
        match &self.state {
            StepState::Closed(_) => Closed::Before,
            StepState::Running(lease) if lease.expires_at > now => Closed::AtWork,
            StepState::Running(_) | StepState::Queued { .. } | StepState::Delayed { .. } => {
                Closed::Now(self.closed(outcome, now))
            }
        }
    }
}
