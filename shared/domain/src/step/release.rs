//! Giving a step back, so that another daemon does it.

use jiff::{SignedDuration, Timestamp};

use super::{GiveBack, LeaseRefused, StepAttempt, StepState};
use crate::{Failure, FailureKind, Fence, Outcome};

/// When the scheduler looks whether a job that was given back is in the queue: its message may have been lost.
const SOON: SignedDuration = SignedDuration::from_secs(60);
/// How often machines may turn out to be unfit for a job. With the waits in between that is over an hour, in which an
/// operator can mend them.
const UNFIT: u32 = 10;
/// The wait after the second machine that was unfit; it doubles from there. The first is not waited after.
const UNFIT_WAIT: SignedDuration = SignedDuration::from_secs(30);
/// The longest of these waits.
const LONGEST: SignedDuration = SignedDuration::from_mins(15);
/// The wait for a model provider that does not say how long it has to be.
const LIMITED_WAIT: SignedDuration = SignedDuration::from_mins(5);

/// What became of a step that was given back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepReleased {
    /// It waits for another daemon once this is written.
    Now(StepAttempt),
    /// It waits already: the answer to this very call was lost.
    Before(StepAttempt),
    /// It cannot be done in time or by any machine, and is over once this is written.
    GivenUp(StepAttempt),
}

impl StepAttempt {
    /// How long a queue can hold back a new message. A job that waits longer is put into it by the scheduler.
    pub const LONGEST_DELAY: SignedDuration = SignedDuration::from_mins(15);

    /// Ends the lease under `fence` without an end of the step and without a loss: another daemon may have it, not
    /// before `until` if that is given, and not after `deadline`.
    pub fn release(
        mut self,
        fence: Fence,
        (why, until): (GiveBack, Option<Timestamp>),
        deadline: Timestamp,
        now: Timestamp,
    ) -> Result<StepReleased, LeaseRefused> {
        if self.fence == fence && self.waits_for().is_some() {
            return Ok(StepReleased::Before(self));
        }
        self.lease(fence)?;
        if why == GiveBack::Environment {
            self.leases.unfit = self.leases.unfit.saturating_add(1);
        }
        let until = self.wait_after(why, until, now);
        if let Some(failure) = self.hopeless(why, until, deadline) {
            let over = self.closed(Outcome::Failed { failure }, now);
            return Ok(StepReleased::GivenUp(over));
        }
        self.state = until.map_or(
            StepState::Queued {
                resends: 0,
                given_back: Some(why),
            },
            |until| StepState::Delayed {
                until,
                given_back: why,
                resends: 0,
            },
        );
        let from = until.unwrap_or(now);
        let by_scheduler = from.duration_since(now) > Self::LONGEST_DELAY;
        self.due_at = Some(if by_scheduler { from } else { from + SOON });
        Ok(StepReleased::Now(self))
    }

    /// Why it waits for another daemon, if its last holder gave it back.
    pub const fn waits_for(&self) -> Option<GiveBack> {
        match &self.state {
            StepState::Queued { given_back, .. } => *given_back,
            StepState::Delayed { given_back, .. } => Some(*given_back),
            StepState::Running(_) | StepState::Closed(_) => None,
        }
    }

    /// Nobody may have it before, where there is something to wait for.
    pub const fn not_before(&self) -> Option<Timestamp> {
        match &self.state {
            StepState::Delayed { until, .. } => Some(*until),
            StepState::Queued { .. } | StepState::Running(_) | StepState::Closed(_) => None,
        }
    }

    fn wait_after(
        &self,
        why: GiveBack,
        until: Option<Timestamp>,
        now: Timestamp,
    ) -> Option<Timestamp> {
        match why {
            GiveBack::Shutdown => None,
            GiveBack::Environment => {
                let doublings = self.leases.unfit.checked_sub(2)?.min(20);
                let wait = UNFIT_WAIT.saturating_mul(1 << doublings);
                Some(now + wait.min(LONGEST))
            }
            GiveBack::ModelLimited => {
                let until = until.unwrap_or(now + LIMITED_WAIT);
                Some(until.max(now + UNFIT_WAIT))
            }
        }
    }

    /// Why nobody else should try, if so.
    fn hopeless(
        &self,
        why: GiveBack,
        until: Option<Timestamp>,
        deadline: Timestamp,
    ) -> Option<Failure> {
        let too_late = until.filter(|from| *from >= deadline);
        match why {
            GiveBack::ModelLimited => {
                let limited = Failure::from(FailureKind::ModelLimited);
                too_late.map(|from| limited.retry_at(from))
            }
            GiveBack::Environment if self.leases.unfit >= UNFIT => {
                Some(FailureKind::WorkersUnfit.into())
            }
            GiveBack::Environment => too_late.map(|_| FailureKind::WorkersUnfit.into()),
            GiveBack::Shutdown => None,
        }
    }
}
