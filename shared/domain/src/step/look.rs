//! What the scheduler does with a step whose time has come.

use jiff::{SignedDuration, Timestamp};

use super::{StepAttempt, StepState};

/// The wait before a job is sent again the first time; it doubles from there.
pub(crate) const FIRST_LOOK: SignedDuration = SignedDuration::from_secs(120);
/// The longest of these waits.
const LONGEST: SignedDuration = SignedDuration::from_hours(1);
/// A lease that has run out is left alone this long: its message reappears in the queue by itself.
const GRACE: SignedDuration = SignedDuration::from_secs(60);

/// What to do with a step that is due, and that its run waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepLook {
    /// Put its job into the queue, once this is written, which has the time of the next look.
    Send(StepAttempt),
    /// Nothing but to write this, which has the time of the next look.
    Wait(StepAttempt),
    /// Its holders were lost too often: it is over once this is written.
    GivenUp(StepAttempt),
    /// It is over: look at its run.
    Over,
}

impl StepAttempt {
    /// Judges it by its state, and sets the time of the next look, so that what waits for good reasons is not looked at
    /// every minute.
    #[must_use]
    pub fn look(self, now: Timestamp) -> StepLook {
        match self.state.clone() {
            StepState::Closed(_) => StepLook::Over,
            StepState::Running(lease) if lease.expires_at > now => {
                StepLook::Wait(self.due(lease.expires_at + GRACE))
            }
            StepState::Running(_) if self.losses() >= Self::LOSSES => {
                StepLook::GivenUp(self.lost(now))
            }
            StepState::Running(_) => StepLook::Send(self.due(after(1, now))),
            StepState::Delayed { until, .. } if until > now => StepLook::Wait(self.due(until)),
            StepState::Delayed {
                until,
                given_back,
                resends,
            } => {
                let resends = resends.saturating_add(1);
                let state = StepState::Delayed {
                    until,
                    given_back,
                    resends,
                };
                StepLook::Send(Self { state, ..self }.due(after(resends, now)))
            }
            StepState::Queued {
                resends,
                given_back,
            } => {
                let resends = resends.saturating_add(1);
                let state = StepState::Queued {
                    resends,
                    given_back,
                };
                StepLook::Send(Self { state, ..self }.due(after(resends, now)))
            }
        }
    }

    fn due(self, at: Timestamp) -> Self {
        Self {
            due_at: Some(at),
            ..self
        }
    }
}

/// A job that waits behind others must not multiply its messages, so the wait doubles each time.
fn after(times: u32, now: Timestamp) -> Timestamp {
    let factor = 1_i32.checked_shl(times.min(20)).unwrap_or(i32::MAX);
    now + FIRST_LOOK.saturating_mul(factor).min(LONGEST)
}
