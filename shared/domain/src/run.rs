//! One execution of a definition for a subject, as it was read: its head, the step that it waits for, and where it is told.

use crate::{
    DefinitionRef, Failure, Fence, Finished, JobId, Origin, Outcome, RunHead, RunId, RunKey,
    StepAttempt, StepState, Subject, TrackingPlace, TrackingState,
};

/// The state of a run as people see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    /// Waiting for a daemon.
    Queued,
    /// A daemon is at work.
    Running,
    /// Done as asked.
    Succeeded,
    /// Something came of it, but not what was asked.
    Incomplete,
    /// There was nothing to change.
    Unchanged,
    /// Nothing came of it.
    Failed,
    /// A person stopped it.
    Cancelled,
    /// Its time ran out.
    Expired,
}

/// A run as it was read. Its items were not read at once, so that one may be newer than another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    head: RunHead,
    step: Option<StepAttempt>,
    place: Option<TrackingPlace>,
}

impl Run {
    /// A run with what was read of it: the newest attempt at its step, and where it is told.
    pub const fn new(
        head: RunHead,
        step: Option<StepAttempt>,
        place: Option<TrackingPlace>,
    ) -> Self {
        Self { head, step, place }
    }

    /// Its head.
    pub const fn head(&self) -> &RunHead {
        &self.head
    }

    /// The newest attempt at its step, if one has been prepared.
    pub const fn step(&self) -> Option<&StepAttempt> {
        self.step.as_ref()
    }

    /// Where it is told, if it has been.
    pub const fn place(&self) -> Option<&TrackingPlace> {
        self.place.as_ref()
    }

    /// Its id.
    pub const fn id(&self) -> RunId {
        self.head.id()
    }

    /// Where it is found.
    pub fn key(&self) -> RunKey {
        self.head.key()
    }

    /// Where it was asked for, and is told.
    pub const fn subject(&self) -> &Subject {
        self.head.subject()
    }

    /// What is executed.
    pub const fn definition(&self) -> DefinitionRef {
        self.head.definition()
    }

    /// What started it.
    pub const fn origin(&self) -> &Origin {
        self.head.origin()
    }

    /// The state as people see it.
    pub fn state(&self) -> RunState {
        let Some(finished) = self.finished() else {
            return match self.step.as_ref().map(StepAttempt::state) {
                Some(StepState::Running(_)) => RunState::Running,
                _ => RunState::Queued,
            };
        };
        match finished.outcome {
            Outcome::Succeeded { .. } => RunState::Succeeded,
            Outcome::Incomplete { .. } => RunState::Incomplete,
            Outcome::Unchanged => RunState::Unchanged,
            Outcome::Failed { .. } => RunState::Failed,
            Outcome::Cancelled => RunState::Cancelled,
            Outcome::Expired => RunState::Expired,
        }
    }

    /// How it is over, if it is.
    pub fn finished(&self) -> Option<&Finished> {
        self.head.finished()
    }

    /// The failure of a run that ended with one.
    pub fn failure(&self) -> Option<&Failure> {
        match &self.finished()?.outcome {
            Outcome::Failed { failure } | Outcome::Incomplete { failure, .. } => Some(failure),
            Outcome::Succeeded { .. }
            | Outcome::Unchanged
            | Outcome::Cancelled
            | Outcome::Expired => None,
        }
    }

    /// The job of its step.
    pub fn job(&self) -> JobId {
        let own = self.step.as_ref().map(StepAttempt::job);
        own.unwrap_or_else(|| RunHead::only_step().job(self.id()))
    }

    /// The newest fence given out.
    pub fn fence(&self) -> Fence {
        self.step.as_ref().map_or(Fence::NONE, StepAttempt::fence)
    }

    /// Whether a comment tells of it that does not show the end yet.
    pub fn is_announced(&self) -> bool {
        let state = self.place.map(|place| place.state());
        matches!(state, Some(TrackingState::Announced(_)))
    }

    /// Whether the comment shows its end.
    pub fn is_told(&self) -> bool {
        self.place.is_some_and(|place| place.is_told())
    }
}
