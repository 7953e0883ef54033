//! One execution of a definition for a subject.

use jiff::{SignedDuration, Timestamp};

use crate::{
    Attempts, ClaimRefused, CodeTarget, DaemonId, DefinitionRef, DeliveryId, End, Failure,
    FailureKind, Fence, FinishRefused, Finished, Job, JobState, Lease, LeaseRefused, MessageId,
    Origin, Outcome, Requester, RunId, RunKey, RunSequence, Spent, StepId, StopRequest, Subject,
};

mod branch;
mod credential;
mod due;
mod release;
mod telling;
#[cfg(test)]
pub(crate) mod tests;

pub use branch::RunBranches;
pub use credential::CredentialRefused;
pub use due::DueAction;
pub use release::Released;

/// One attempt at one node of the definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its id.
    pub id: StepId,
    /// The part that a daemon does.
    pub job: Job,
}

/// Why unfinished work should end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cancel {
    /// A person said so.
    Requested {
        /// Who.
        by: Requester,
        /// The delivery that said so, by the subject's connection.
        delivery: DeliveryId,
    },
    /// Its time ran out.
    Expired,
}

impl Cancel {
    /// The outcome that ending for this reason has.
    pub const fn outcome(&self) -> Outcome {
        match self {
            Self::Requested { .. } => Outcome::Cancelled,
            Self::Expired => Outcome::Expired,
        }
    }
}

/// How far the person who asked has been told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tracking {
    /// Not at all.
    Silent,
    /// A message exists and is kept up to date.
    Announced(MessageId),
    /// The message shows the final state.
    Reported(MessageId),
    /// The provider will not take a comment there; it has been tried for long enough.
    Unreachable,
}

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

/// One execution of a definition for a subject, with the step and the job it is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// Where it was asked for, and is told.
    pub subject: Subject,
    /// What is read or changed.
    pub target: CodeTarget,
    /// What is executed.
    pub definition: DefinitionRef,
    /// Its number among the runs of this definition and subject.
    pub sequence: RunSequence,
    /// What started it.
    pub origin: Origin,
    /// When it was started.
    pub created_at: Timestamp,
    /// When it is given up.
    pub deadline: Timestamp,
    /// Its only step.
    pub step: Step,
    /// Set when it should end early.
    pub cancel: Option<Cancel>,
    /// How far the person who asked has been told.
    pub tracking: Tracking,
    /// When the scheduler looks at it; none once nothing is left to do.
    pub due_at: Option<Timestamp>,
}

/// What is needed to start a run.
#[derive(Clone, Debug)]
pub struct NewRun {
    /// The run's id.
    pub id: RunId,
    /// The step's id.
    pub step: StepId,
    /// The job, queued.
    pub job: Job,
    /// Where it was asked for, and is told.
    pub subject: Subject,
    /// What is read or changed.
    pub target: CodeTarget,
    /// What it executes.
    pub definition: DefinitionRef,
    /// Its number among the runs of this definition and subject.
    pub sequence: RunSequence,
    /// What started it.
    pub origin: Origin,
}

impl Run {
    /// How long a lease holds without a heartbeat. The jobs queue hides a message for as long.
    pub const LEASE: SignedDuration = Job::LEASE;
    /// How often a daemon should send a heartbeat: three fit into a lease.
    pub const HEARTBEAT: SignedDuration = Job::HEARTBEAT;
    /// How young a lease must be for a heartbeat to leave it as it is.
    pub const FRESH: SignedDuration = Job::FRESH;
    /// How often a job's holder may be lost.
    pub const ATTEMPTS: Attempts = Attempts(3);
    /// How long a run may take from start to end.
    pub const LIFETIME: SignedDuration = SignedDuration::from_hours(6);
    /// How long an agent may work on one attempt.
    pub const AGENT_TIME: SignedDuration = SignedDuration::from_hours(1);

    /// A queued run.
    pub fn start(new: NewRun, now: Timestamp) -> Self {
        Self {
            id: new.id,
            subject: new.subject,
            target: new.target,
            definition: new.definition,
            sequence: new.sequence,
            origin: new.origin,
            created_at: now,
            deadline: now + Self::LIFETIME,
            step: Step {
                id: new.step,
                job: new.job,
            },
            cancel: None,
            tracking: Tracking::Silent,
            due_at: Some(now + due::FIRST_LOOK),
        }
    }

    /// Where the run is found.
    pub fn key(&self) -> RunKey {
        RunKey {
            subject: self.subject.key(),
            name: self.definition.name,
            sequence: self.sequence,
        }
    }

    /// The branch that the run's change goes to, the same for every attempt.
    pub fn branch(&self) -> String {
        let id = self.id.to_string();
        let tail = &id[id.len() - 8..];
        format!(
            "switchyard/{}-{}-{tail}",
            self.definition.name,
            self.subject.item()
        )
    }

    /// Every branch that the run's change may go to: another name is used where the first is taken.
    pub fn branches(&self) -> RunBranches {
        RunBranches::of(&self.branch())
    }

    /// The state as people see it.
    pub fn state(&self) -> RunState {
        match &self.step.job.state {
            JobState::Queued(_) => RunState::Queued,
            JobState::Running(_) => RunState::Running,
            JobState::Finished(finished) => match finished.outcome {
                Outcome::Succeeded { .. } => RunState::Succeeded,
                Outcome::Incomplete { .. } => RunState::Incomplete,
                Outcome::Unchanged => RunState::Unchanged,
                Outcome::Failed { .. } => RunState::Failed,
                Outcome::Cancelled => RunState::Cancelled,
                Outcome::Expired => RunState::Expired,
            },
        }
    }

    /// How the run ended, if it has.
    pub fn finished(&self) -> Option<&Finished> {
        match &self.step.job.state {
            JobState::Finished(finished) => Some(finished),
            JobState::Queued(_) | JobState::Running(_) => None,
        }
    }

    /// The newest fence given out.
    pub fn fence(&self) -> Fence {
        self.step.job.fence()
    }

    /// Gives the job to `daemon`. A run that should end, or has been tried often enough, ends here instead.
    pub fn claim(&mut self, daemon: &DaemonId, now: Timestamp) -> Result<Lease, ClaimRefused> {
        if self.finished().is_none() && self.deadline <= now && self.cancel.is_none() {
            self.cancel = Some(Cancel::Expired);
        }
        let claimed = self
            .step
            .job
            .claim(daemon, now, Self::LEASE, Self::ATTEMPTS);
        match (claimed, &self.cancel) {
            (Ok(_), Some(cancel)) => {
                self.end(cancel.outcome(), now);
                Err(ClaimRefused::Finished)
            }
            (Ok(lease), None) => {
                self.step.job.take(lease.clone());
                Ok(lease)
            }
            (Err(ClaimRefused::Exhausted), _) => {
                self.end(
                    Outcome::Failed {
                        failure: FailureKind::WorkerLost.into(),
                    },
                    now,
                );
                Err(ClaimRefused::Exhausted)
            }
            (Err(refused), _) => Err(refused),
        }
    }

    /// Extends the lease under `fence`, unless it is fresh, and tells whether the work should end.
    pub fn heartbeat(&mut self, fence: Fence, now: Timestamp) -> Result<Lease, LeaseRefused> {
        let mut lease = self.step.job.lease(fence)?.clone();
        if lease.expires_at < now + Self::LEASE - Self::FRESH {
            lease.expires_at = now + Self::LEASE;
        }
        if self.deadline <= now && self.cancel.is_none() {
            self.cancel = Some(Cancel::Expired);
        }
        self.step.job.state = JobState::Running(lease.clone());
        Ok(lease)
    }

    /// Ends the run under `fence`, once. The same end told again changes nothing.
    pub fn finish(&mut self, fence: Fence, end: End, now: Timestamp) -> Result<(), FinishRefused> {
        let Some(lease) = self.step.job.finish(fence, &end.outcome)? else {
            return Ok(());
        };
        let started_at = Some(lease.claimed_at);
        let finished = Finished {
            at: now,
            started_at,
            fence,
            outcome: end.outcome,
            spent: end.spent,
            revision: end.revision,
        };
        self.step.job.state = JobState::Finished(Box::new(finished));
        Ok(())
    }

    /// Ends the run early, if it was asked for before `request`. Work that nobody holds ends at once; a daemon
    /// hears of it at its heartbeat. The first request to stop stays on record, and a later pass over the
    /// same one finds out again what it has stopped.
    pub fn stop(&mut self, request: &StopRequest, now: Timestamp) -> Stopped {
        if !request.covers(self.origin.asked()) {
            return Stopped::NotMeant;
        }
        let cancel = Cancel::Requested {
            by: request.by.clone(),
            delivery: request.delivery.clone(),
        };
        match &self.step.job.state {
            JobState::Finished(_) if self.cancel.as_ref() == Some(&cancel) => {
                return Stopped::Stopping;
            }
            JobState::Finished(_) => return Stopped::AlreadyOver,
            JobState::Running(lease) if lease.expires_at > now => {}
            JobState::Running(_) | JobState::Queued(_) => self.end(Outcome::Cancelled, now),
        }
        if self.cancel.is_none() {
            self.cancel = Some(cancel);
        }
        Stopped::Stopping
    }

    /// Ends the run without a daemon.
    fn end(&mut self, outcome: Outcome, now: Timestamp) {
        let started_at = match &self.step.job.state {
            JobState::Running(lease) => Some(lease.claimed_at),
            JobState::Queued(_) | JobState::Finished(_) => None,
        };
        let finished = Finished {
            at: now,
            started_at,
            fence: self.fence(),
            outcome,
            spent: Spent::default(),
            revision: None,
        };
        self.step.job.state = JobState::Finished(Box::new(finished));
    }

    /// Notes the comment that tells about the run and does not show its final state yet.
    pub fn announced(&mut self, comment: MessageId) {
        self.tracking = Tracking::Announced(comment);
    }

    /// Notes the comment that shows the final state. Nothing is left to do after that.
    pub fn reported(&mut self, comment: MessageId) {
        self.tracking = Tracking::Reported(comment);
        self.due_at = None;
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
}

/// What asking for an early end did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// It ends now or at the daemon's next heartbeat.
    Stopping,
    /// It was over before.
    AlreadyOver,
    /// It was asked for after the request to stop.
    NotMeant,
}
