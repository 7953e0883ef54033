//! Giving a step to a daemon, and keeping it there.

use jiff::Timestamp;

use super::{ClaimRefused, Lease, LeaseRefused, StepAttempt, StepState};
use crate::{DaemonId, FailureKind, Fence, Outcome};

/// What became of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claimed {
    /// It is the daemon's once this is written.
    Leased(StepAttempt, Lease),
    /// The daemon holds it already: its first answer may have been lost.
    Held(Lease),
    /// It has been lost too often, and is over once this is written.
    GivenUp(StepAttempt),
    /// Nothing changes.
    Refused(ClaimRefused),
}

impl StepAttempt {
    /// Gives it to `daemon` from `now` on. Whether its run still wants it, the run's head says.
    #[must_use]
    pub fn claim(self, daemon: &DaemonId, now: Timestamp) -> Claimed {
        match &self.state {
            StepState::Closed(_) => Claimed::Refused(ClaimRefused::Finished),
            StepState::Running(lease) if lease.expires_at > now => {
                if lease.daemon == *daemon {
                    return Claimed::Held(lease.clone());
                }
                let until = lease.expires_at;
                Claimed::Refused(if lease.is_kept(now) {
                    ClaimRefused::Leased { until }
                } else {
                    ClaimRefused::Waiting { until }
                })
            }
            StepState::Running(_) if self.losses() >= Self::LOSSES => {
                Claimed::GivenUp(self.lost(now))
            }
            StepState::Running(_) => {
                let mut step = self;
                step.leases.lost = step.losses();
                step.leased(daemon, now)
            }
            StepState::Delayed { until, .. } if *until > now => {
                Claimed::Refused(ClaimRefused::Waiting { until: *until })
            }
            StepState::Queued { .. } | StepState::Delayed { .. } => self.leased(daemon, now),
        }
    }

    /// Extends the lease under `fence`. None if it is fresh, so that nothing is to be written.
    pub fn heartbeat(
        self,
        fence: Fence,
        now: Timestamp,
    ) -> Result<(Lease, Option<Self>), LeaseRefused> {
        let mut lease = self.lease(fence)?.clone();
        if lease.expires_at >= now + Self::LEASE - Self::FRESH {
            return Ok((lease, None));
        }
        lease.expires_at = now + Self::LEASE;
        let state = StepState::Running(lease.clone());
        Ok((lease, Some(Self { state, ..self })))
    }

    /// The end of a step whose holders were lost too often.
    pub(super) fn lost(self, now: Timestamp) -> Self {
        let failure = FailureKind::WorkerLost.into();
        self.closed(Outcome::Failed { failure }, now)
    }

    fn leased(self, daemon: &DaemonId, now: Timestamp) -> Claimed {
        let fence = Fence(self.fence.0.saturating_add(1));
        let lease = Lease {
            fence,
            daemon: daemon.clone(),
            claimed_at: now,
            expires_at: now + Self::LEASE,
        };
        let state = StepState::Running(lease.clone());
        Claimed::Leased(
            Self {
                state,
                fence,
                ..self
            },
            lease,
        )
    }
}
