//! One attempt at one node of a run that does not end at once: what the run waits for. It is an item of its own,
//! which changes by compare-and-swap and carries its own due time.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Fence, Finished, HeadVersion, JobId, Outcome, RunId, Spent, text::bounded_text};

mod claim;
mod close;
mod finish;
mod lease;
mod look;
mod release;
#[cfg(test)]
mod tests;

pub use claim::Claimed;
pub use close::Closed;
pub use finish::StepFinished;
pub use lease::{ClaimRefused, FinishRefused, GiveBack, Lease, LeaseRefused, Leases};
pub(crate) use look::FIRST_LOOK;
pub use look::StepLook;
pub use release::StepReleased;

bounded_text! {
    /// A node's place in the graph of its definition: 1 to 60 lower-case letters, digits, hyphens and dots.
    NodePath, "a node's path", |text| (1..=60).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b));
}

impl NodePath {
    /// The node of plans that have one.
    pub fn work() -> Self {
        Self("work".to_owned())
    }
}

/// Which attempt at which node of a run.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct StepRef {
    /// The node.
    pub path: NodePath,
    /// The attempt, from 1.
    pub attempt: u32,
}

impl StepRef {
    /// The first attempt at `path`.
    pub const fn first(path: NodePath) -> Self {
        Self { path, attempt: 1 }
    }

    /// The job of this attempt in that run: a hash of both, so that whoever prepares the attempt prepares the same.
    pub fn job(&self, run: RunId) -> JobId {
        JobId::of_attempt(run, self.path.as_str(), self.attempt)
    }
}

/// Where a step attempt stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepState {
    /// Its job is in the queue, or is put there when it is found due.
    Queued {
        /// How often the job has been sent again because nobody claimed it.
        resends: u32,
        /// Why its last holder gave it back, if one did.
        given_back: Option<GiveBack>,
    },
    /// Nobody may have it before a time.
    Delayed {
        /// That time.
        until: Timestamp,
        /// Why its last holder gave it back.
        given_back: GiveBack,
        /// How often the job has been sent again because nobody claimed it.
        resends: u32,
    },
    /// A daemon holds it.
    Running(Lease),
    /// It is over, once and for all.
    Closed(Box<Finished>),
}

/// A step attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepAttempt {
    id: StepRef,
    job: JobId,
    basis: HeadVersion,
    state: StepState,
    fence: Fence,
    leases: Leases,
    due_at: Option<Timestamp>,
}

/// What a [`StepAttempt`] is made of, for whoever keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepParts {
    /// Which attempt it is.
    pub id: StepRef,
    /// Its job.
    pub job: JobId,
    /// The version of the head on which it was prepared.
    pub basis: HeadVersion,
    /// Where it stands.
    pub state: StepState,
    /// The newest fence given out.
    pub fence: Fence,
    /// What has become of its leases.
    pub leases: Leases,
    /// When the scheduler looks at it.
    pub due_at: Option<Timestamp>,
}

/// Why the parts of a step attempt do not fit together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StepError {
    /// A lease has another fence than the newest.
    #[error("a lease that is not the newest")]
    Fence,
    /// Somebody has held it, and no fence was given out; or the other way round.
    #[error("a state that nothing has led to")]
    NeverHeld,
    /// It is not over, and never looked at.
    #[error("an open step without a due time")]
    NeverDue,
}

impl StepAttempt {
    /// How long a lease holds without a heartbeat. The jobs queue hides a message for as long.
    pub const LEASE: SignedDuration = SignedDuration::from_secs(120);
    /// How often a daemon should send a heartbeat: three fit into a lease.
    pub const HEARTBEAT: SignedDuration = SignedDuration::from_secs(40);
    /// How young a lease must be for a heartbeat to leave it as it is: the one that comes soon after the claim, or
    /// before a push, asks whether the lease holds and costs no write. Less than a [`Self::HEARTBEAT`], so that
    /// the regular ones always extend.
    pub const FRESH: SignedDuration = SignedDuration::from_secs(30);
    /// How often a holder may be lost.
    pub const LOSSES: u32 = 3;

    /// An attempt that nobody has had yet, prepared for the head of that version. It is the same whoever prepares it,
    /// and whenever.
    pub fn prepared(id: StepRef, run: RunId, basis: HeadVersion, due_at: Timestamp) -> Self {
        Self {
            job: id.job(run),
            id,
            basis,
            state: StepState::Queued {
                resends: 0,
                given_back: None,
            },
            fence: Fence::NONE,
            leases: Leases::default(),
            due_at: Some(due_at),
        }
    }

    /// Puts the parts together, if they can be what transitions have led to.
    pub fn from_parts(parts: StepParts) -> Result<Self, StepError> {
        let held = parts.fence != Fence::NONE;
        let (has_been_held, is_open) = match &parts.state {
            StepState::Running(lease) if lease.fence != parts.fence => {
                return Err(StepError::Fence);
            }
            StepState::Running(_) | StepState::Delayed { .. } => (true, true),
            StepState::Queued { given_back, .. } => (given_back.is_some(), true),
            StepState::Closed(_) => (false, false),
        };
        if has_been_held && !held {
            return Err(StepError::NeverHeld);
        }
        if is_open && parts.due_at.is_none() {
            return Err(StepError::NeverDue);
        }
        let StepParts {
            id,
            job,
            basis,
            state,
            fence,
            leases,
            due_at,
        } = parts;
        Ok(Self {
            id,
            job,
            basis,
            state,
            fence,
            leases,
            due_at,
        })
    }

    /// What it is made of.
    pub fn parts(&self) -> StepParts {
        StepParts {
            id: self.id.clone(),
            job: self.job,
            basis: self.basis,
            state: self.state.clone(),
            fence: self.fence,
            leases: self.leases,
            due_at: self.due_at,
        }
    }

    /// Which attempt it is.
    pub const fn id(&self) -> &StepRef {
        &self.id
    }

    /// Its job.
    pub const fn job(&self) -> JobId {
        self.job
    }

    /// The version of the head on which it was prepared.
    pub const fn basis(&self) -> HeadVersion {
        self.basis
    }

    /// Where it stands.
    pub const fn state(&self) -> &StepState {
        &self.state
    }

    /// The newest fence given out.
    pub const fn fence(&self) -> Fence {
        self.fence
    }

    /// What has become of its leases so far.
    pub const fn leases(&self) -> Leases {
        self.leases
    }

    /// When the scheduler looks at it; none once it is over and its run has taken note.
    pub const fn due_at(&self) -> Option<Timestamp> {
        self.due_at
    }

    /// How it is over, if it is.
    pub fn finished(&self) -> Option<&Finished> {
        match &self.state {
            StepState::Closed(finished) => Some(finished),
            StepState::Queued { .. } | StepState::Delayed { .. } | StepState::Running(_) => None,
        }
    }

    /// Whether it has had a holder, or is over: it is not to be overwritten any more.
    pub fn has_begun(&self) -> bool {
        self.fence != Fence::NONE || self.finished().is_some()
    }

    /// Whether this and `other` are the same work, whatever has become of it.
    pub fn is_same_work(&self, other: &Self) -> bool {
        self.job == other.job && self.id == other.id
    }

    /// The lease under `fence`, if it is the newest. One that has run out but that nobody has taken over
    /// is still good: its holder was slow, not replaced.
    pub fn lease(&self, fence: Fence) -> Result<&Lease, LeaseRefused> {
        match &self.state {
            StepState::Running(lease) if lease.fence == fence => Ok(lease),
            StepState::Closed(_) if self.fence == fence => Err(LeaseRefused::Finished),
            StepState::Running(_)
            | StepState::Queued { .. }
            | StepState::Delayed { .. }
            | StepState::Closed(_) => Err(LeaseRefused::Stale),
        }
    }

    /// The same without a due time, once its run has taken note of how it is over. None if it has none, or is open.
    #[must_use]
    pub fn settled(self) -> Option<Self> {
        let over = self.finished().is_some() && self.due_at.is_some();
        over.then_some(Self {
            due_at: None,
            ..self
        })
    }

    /// The same without a due time, which no head names and none will.
    #[must_use]
    pub fn abandoned(self) -> Self {
        Self {
            due_at: None,
            ..self
        }
    }

    /// How many leases have been lost once the present one has run out.
    const fn losses(&self) -> u32 {
        self.leases.lost.saturating_add(1)
    }

    /// Ends it without word from a holder.
    fn closed(self, outcome: Outcome, now: Timestamp) -> Self {
        let started_at = match &self.state {
            StepState::Running(lease) => Some(lease.claimed_at),
            StepState::Queued { .. } | StepState::Delayed { .. } | StepState::Closed(_) => None,
        };
        let finished = Finished {
            at: now,
            started_at,
            fence: self.fence,
            outcome,
            spent: Spent::default(),
            revision: None,
        };
        Self {
            state: StepState::Closed(Box::new(finished)),
            ..self
        }
    }
}
