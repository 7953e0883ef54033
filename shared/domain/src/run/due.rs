//! What the scheduler does with a run whose time has come.

use jiff::{SignedDuration, Timestamp};

use super::{Cancel, Run, Tracking};
use crate::{FailureKind, JobState, Outcome, Wait};

/// How long a job may wait before it is sent again.
pub(super) const FIRST_LOOK: SignedDuration = SignedDuration::from_secs(120);
/// The longest wait between two such looks.
const LONGEST: SignedDuration = SignedDuration::from_hours(1);
/// A lease that has run out is left alone this long: its message reappears in the queue by itself.
const GRACE: SignedDuration = SignedDuration::from_secs(60);
/// How long the final state is tried to be told.
const TELL_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);
/// The longest wait between two such tries.
const LONGEST_GAP: SignedDuration = SignedDuration::from_hours(24);

/// What to do with a run that is due. Its own record has been brought up to date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DueAction {
    /// Put its job into the queue again.
    Resend,
    /// Writing the record is enough: the stream tells `relay`.
    Save,
}

impl Run {
    /// Brings the record up to date and says what else to do. Each look sets the time of the next one,
    /// so that what is waiting for good reasons is not looked at every minute.
    pub fn due(&mut self, now: Timestamp) -> DueAction {
        if self.finished().is_some() {
            return self.due_to_tell(now);
        }
        if self.deadline <= now && self.cancel.is_none() {
            self.cancel = Some(Cancel::Expired);
        }
        match self.step.job.state.clone() {
            JobState::Running(lease) if lease.expires_at > now => {
                self.due_at = Some(lease.expires_at + GRACE);
                DueAction::Save
            }
            JobState::Running(_) => {
                if self.step.job.losses() >= Self::ATTEMPTS.0 {
                    let failure = FailureKind::WorkerLost.into();
                    self.due_end(Outcome::Failed { failure }, now)
                } else {
                    self.due_again(1, now)
                }
            }
            JobState::Queued(wait) if wait.not_before() > Some(now) && self.cancel.is_none() => {
                self.due_at = wait.not_before();
                DueAction::Save
            }
            JobState::Queued(wait) => {
                let resends = wait.resends.saturating_add(1);
                self.step.job.state = JobState::Queued(Wait { resends, ..wait });
                self.due_again(resends, now)
            }
            JobState::Finished(_) => DueAction::Save,
        }
    }

    fn due_again(&mut self, times: u32, now: Timestamp) -> DueAction {
        if let Some(cancel) = self.cancel.clone() {
            return self.due_end(cancel.outcome(), now);
        }
        // A job that waits behind others must not multiply its messages, so the wait doubles each time.
        let factor = 1_i32.checked_shl(times.min(20)).unwrap_or(i32::MAX);
        self.due_at = Some(now + FIRST_LOOK.saturating_mul(factor).min(LONGEST));
        DueAction::Resend
    }

    fn due_end(&mut self, outcome: Outcome, now: Timestamp) -> DueAction {
        self.end(outcome, now);
        self.due_at = Some(now + FIRST_LOOK);
        DueAction::Save
    }

    /// A provider that takes no comment now may take one later, so it is tried at growing gaps, and then once a day for
    /// thirty days. One that was told and is due is in doubt: see [`Run::tell_again`].
    fn due_to_tell(&mut self, now: Timestamp) -> DueAction {
        let over = self
            .finished()
            .map_or(SignedDuration::ZERO, |end| now.duration_since(end.at));
        self.due_at = match self.tracking {
            Tracking::Unreachable => None,
            Tracking::Silent | Tracking::Announced(_) | Tracking::Reported(_) => {
                (over <= TELL_FOR).then(|| now + gap(over))
            }
        };
        if self.due_at.is_none() && !matches!(self.tracking, Tracking::Reported(_)) {
            self.tracking = Tracking::Unreachable;
        }
        DueAction::Save
    }
}

/// The wait before an end is told again that has been untold for so long.
pub(super) fn gap(untold: SignedDuration) -> SignedDuration {
    untold.clamp(FIRST_LOOK, LONGEST_GAP)
}
