//! The head of a run: its state and its control under one optimistic version. What it waits for are items of their own.

use jiff::{SignedDuration, Timestamp};

use crate::{
    CodeTarget, DefinitionRef, Finished, HeadVersion, NodePath, Origin, Outcome, RunBranches,
    RunId, RunKey, RunSequence, StepRef, StopRequest, Subject,
};

mod advance;
mod credential;
mod telling;
#[cfg(test)]
pub(crate) mod tests;

pub use advance::{Advance, Release};
pub use credential::CredentialRefused;
pub use telling::TellLook;

/// Why a run is to end early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Control {
    /// A person asked for it.
    Stop(StopRequest),
    /// Its time is over.
    Deadline,
}

impl Control {
    /// The outcome of what ends for this reason.
    pub const fn outcome(&self) -> Outcome {
        match self {
            Self::Stop(_) => Outcome::Cancelled,
            Self::Deadline => Outcome::Expired,
        }
    }
}

/// Where a run stands. A head names the step that it waits for, and nobody acts on one that it does not name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeadState {
    /// It has been put, and nothing of it has been dispatched.
    Unbegun,
    /// It waits for a step.
    Waiting(StepRef),
    /// It waits for a step to be closed, since it is to end early.
    Closing(StepRef),
    /// It is over, once and for all.
    Over(Box<Finished>),
}

/// The head of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunHead {
    parts: HeadParts,
}

/// What a [`RunHead`] is made of, for whoever keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadParts {
    /// The run's id.
    pub id: RunId,
    /// Where it was asked for, and is told.
    pub subject: Subject,
    /// What is read or changed, at the revision that was decided on.
    pub target: CodeTarget,
    /// What is executed.
    pub definition: DefinitionRef,
    /// Its number among the runs of this definition and subject.
    pub sequence: RunSequence,
    /// What started it.
    pub origin: Origin,
    /// When it was put.
    pub created_at: Timestamp,
    /// When it is given up.
    pub deadline: Timestamp,
    /// Grows with every commit.
    pub version: HeadVersion,
    /// Where it stands.
    pub state: HeadState,
    /// Set when it is to end early.
    pub control: Option<Control>,
    /// When the scheduler looks at the head itself.
    pub due_at: Option<Timestamp>,
}

/// What is to be run, and for whom: all that a head is put from but its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunOrder {
    /// The id that the run has or will have.
    pub id: RunId,
    /// Where it was asked for, and is told.
    pub subject: Subject,
    /// What is read or changed, at the revision that was decided on.
    pub target: CodeTarget,
    /// What is executed.
    pub definition: DefinitionRef,
    /// What started it.
    pub origin: Origin,
}

/// Why the parts of a head do not fit together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeadError {
    /// Steps are closed for a reason alone.
    #[error("a step is to be closed for no reason")]
    NoControl,
    /// A head looks after itself while nobody else does.
    #[error("a head without a due time that nothing else looks after")]
    NeverDue,
}

impl RunHead {
    /// How long a run may take from start to end.
    pub const LIFETIME: SignedDuration = SignedDuration::from_hours(6);
    /// How soon a head is looked at that is not to be left alone.
    pub const SOON: SignedDuration = SignedDuration::from_secs(60);

    /// A head of which nothing has begun.
    pub fn put(order: RunOrder, sequence: RunSequence, now: Timestamp) -> Self {
        let RunOrder {
            id,
            subject,
            target,
            definition,
            origin,
        } = order;
        Self {
            parts: HeadParts {
                id,
                subject,
                target,
                definition,
                sequence,
                origin,
                created_at: now,
                deadline: now + Self::LIFETIME,
                version: HeadVersion::FIRST,
                state: HeadState::Unbegun,
                control: None,
                due_at: Some(now + Self::SOON),
            },
        }
    }

    /// Puts the parts together, if they can be what transitions have led to.
    pub fn from_parts(parts: HeadParts) -> Result<Self, HeadError> {
        match (&parts.state, &parts.control) {
            (HeadState::Closing(_), None) => Err(HeadError::NoControl),
            (HeadState::Unbegun | HeadState::Closing(_), _) if parts.due_at.is_none() => {
                Err(HeadError::NeverDue)
            }
            _ => Ok(Self { parts }),
        }
    }

    /// What it is made of.
    pub const fn parts(&self) -> &HeadParts {
        &self.parts
    }

    /// What it was put from.
    pub fn order(&self) -> RunOrder {
        RunOrder {
            id: self.parts.id,
            subject: self.parts.subject.clone(),
            target: self.parts.target.clone(),
            definition: self.parts.definition,
            origin: self.parts.origin.clone(),
        }
    }

    /// The run's id.
    pub const fn id(&self) -> RunId {
        self.parts.id
    }

    /// Where the run is found.
    pub fn key(&self) -> RunKey {
        RunKey {
            subject: self.parts.subject.key(),
            name: self.parts.definition.name,
            sequence: self.parts.sequence,
        }
    }

    /// Where it was asked for, and is told.
    pub const fn subject(&self) -> &Subject {
        &self.parts.subject
    }

    /// What is read or changed, at the revision that was decided on.
    pub const fn target(&self) -> &CodeTarget {
        &self.parts.target
    }

    /// What is executed.
    pub const fn definition(&self) -> DefinitionRef {
        self.parts.definition
    }

    /// Its number among the runs of this definition and subject.
    pub const fn sequence(&self) -> RunSequence {
        self.parts.sequence
    }

    /// What started it.
    pub const fn origin(&self) -> &Origin {
        &self.parts.origin
    }

    /// When it was put.
    pub const fn created_at(&self) -> Timestamp {
        self.parts.created_at
    }

    /// When it is given up.
    pub const fn deadline(&self) -> Timestamp {
        self.parts.deadline
    }

    /// Its version.
    pub const fn version(&self) -> HeadVersion {
        self.parts.version
    }

    /// Where it stands.
    pub const fn state(&self) -> &HeadState {
        &self.parts.state
    }

    /// Why it is to end early, if it is.
    pub const fn control(&self) -> Option<&Control> {
        self.parts.control.as_ref()
    }

    /// When the scheduler looks at the head itself; none while what it waits for has a due time, and once all is told.
    pub const fn due_at(&self) -> Option<Timestamp> {
        self.parts.due_at
    }

    /// How it is over, if it is.
    pub fn finished(&self) -> Option<&Finished> {
        match &self.parts.state {
            HeadState::Over(finished) => Some(finished),
            HeadState::Unbegun | HeadState::Waiting(_) | HeadState::Closing(_) => None,
        }
    }

    /// Whether nothing of it has been dispatched or given up. Whoever moves it on from there reads the stop in force first.
    pub const fn is_unbegun(&self) -> bool {
        matches!(self.parts.state, HeadState::Unbegun) && self.parts.control.is_none()
    }

    /// The step that it waits for.
    pub const fn names(&self) -> Option<&StepRef> {
        match &self.parts.state {
            HeadState::Waiting(step) | HeadState::Closing(step) => Some(step),
            HeadState::Unbegun | HeadState::Over(_) => None,
        }
    }

    /// Why whoever is at work should end, if they should.
    pub fn ends(&self, now: Timestamp) -> Option<Control> {
        let late = self.parts.deadline <= now;
        self.parts
            .control
            .clone()
            .or_else(|| late.then_some(Control::Deadline))
    }

    /// Whether a step may be given out.
    pub fn wants(&self, step: &StepRef, now: Timestamp) -> bool {
        matches!(&self.parts.state, HeadState::Waiting(named) if named == step)
            && self.ends(now).is_none()
    }

    /// The branch that the run's change goes to, the same for every attempt.
    pub fn branch(&self) -> String {
        let id = self.id().to_string();
        let tail = &id[id.len() - 8..];
        format!(
            "switchyard/{}-{}-{tail}",
            self.parts.definition.name,
            self.parts.subject.item()
        )
    }

    /// Every branch that the run's change may go to: another name is used where the first is taken.
    pub fn branches(&self) -> RunBranches {
        RunBranches::of(&self.branch())
    }

    /// The only step of plans that have one.
    pub fn only_step() -> StepRef {
        StepRef::first(NodePath::work())
    }
}
