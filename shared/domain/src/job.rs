//! The part of a step that a daemon does: its states, its lease, and who may move it.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{DaemonId, Finished, JobId, Outcome};

/// A number that grows with every lease of a job. A write under an older fence is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fence(pub u32);

impl Fence {
    /// The fence of a job that nobody has leased yet.
    pub const NONE: Self = Self(0);
}

/// How many times a job may be leased before it is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempts(pub u32);

/// One job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// Where it stands.
    pub state: JobState,
}

/// Where a job stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobState {
    /// Waiting in the queue.
    Queued {
        /// How often it has been sent again because nobody claimed it.
        resends: u32,
    },
    /// A daemon holds it.
    Running(Lease),
    /// It has ended, once and for all.
    Finished(Finished),
}

/// A daemon's hold on a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Proof of the newest hold.
    pub fence: Fence,
    /// Who holds it.
    pub daemon: DaemonId,
    /// Since when.
    pub claimed_at: Timestamp,
    /// Until when, unless a heartbeat extends it.
    pub expires_at: Timestamp,
}

/// Why a job cannot be claimed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClaimRefused {
    /// It has ended.
    #[error("the job has already finished")]
    Finished,
    /// Somebody else holds it.
    #[error("the job is leased until {until}")]
    Leased {
        /// When the lease runs out.
        until: Timestamp,
    },
    /// It has been tried as often as it may.
    #[error("the job has been tried as often as it may")]
    Exhausted,
}

/// Why a lease is no good any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LeaseRefused {
    /// A newer lease exists, or none was ever given.
    #[error("the lease is stale")]
    Stale,
    /// The job has ended.
    #[error("the job has already finished")]
    Finished,
}

/// Why a job cannot be finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FinishRefused {
    /// A newer lease exists, or none was ever given.
    #[error("the lease is stale")]
    Stale,
    /// The job has ended in another way.
    #[error("the job has already finished")]
    Finished,
}

impl Job {
    /// Gives the job to `daemon` for `length` from `now`. The same daemon asking again while its lease
    /// holds gets that lease: its first answer may have been lost.
    pub fn claim(
        &self,
        daemon: &DaemonId,
        now: Timestamp,
        length: SignedDuration,
        allowed: Attempts,
    ) -> Result<Lease, ClaimRefused> {
        let last = match &self.state {
            JobState::Finished(_) => return Err(ClaimRefused::Finished),
            JobState::Running(lease) if lease.expires_at > now => {
                if lease.daemon == *daemon {
                    return Ok(lease.clone());
                }
                return Err(ClaimRefused::Leased {
                    until: lease.expires_at,
                });
            }
            JobState::Running(lease) => lease.fence,
            JobState::Queued { .. } => Fence::NONE,
        };
        if last.0 >= allowed.0 {
            return Err(ClaimRefused::Exhausted);
        }
        Ok(Lease {
            fence: Fence(last.0 + 1),
            daemon: daemon.clone(),
            claimed_at: now,
            expires_at: now + length,
        })
    }

    /// The lease under `fence`, if it is the newest. One that has run out but that nobody has taken over
    /// is still good: its holder was slow, not replaced.
    pub fn lease(&self, fence: Fence) -> Result<&Lease, LeaseRefused> {
        match &self.state {
            JobState::Running(lease) if lease.fence == fence => Ok(lease),
            JobState::Running(_) | JobState::Queued { .. } => Err(LeaseRefused::Stale),
            JobState::Finished(finished) if finished.fence > fence => Err(LeaseRefused::Stale),
            JobState::Finished(_) => Err(LeaseRefused::Finished),
        }
    }

    /// Whether the holder of `fence` may end the job with `outcome`: `Some` lease if this ends it, `None`
    /// if this very end is already on record because an answer was lost.
    pub fn finish(&self, fence: Fence, outcome: &Outcome) -> Result<Option<&Lease>, FinishRefused> {
        if let JobState::Finished(finished) = &self.state
            && finished.fence == fence
            && finished.outcome == *outcome
        {
            return Ok(None);
        }
        self.lease(fence)
            .map(Some)
            .map_err(|refused| match refused {
                LeaseRefused::Stale => FinishRefused::Stale,
                LeaseRefused::Finished => FinishRefused::Finished,
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededRandom;

    const LENGTH: SignedDuration = SignedDuration::from_secs(120);
    const ALLOWED: Attempts = Attempts(3);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn job(state: JobState) -> Job {
        Job {
            id: JobId::mint(at(0), &SeededRandom::new(1)),
            state,
        }
    }

    fn daemon(name: &str) -> DaemonId {
        name.parse().unwrap()
    }

    fn leased(fence: u32, name: &str) -> Job {
        job(JobState::Running(Lease {
            fence: Fence(fence),
            daemon: daemon(name),
            claimed_at: at(0),
            expires_at: at(120),
        }))
    }

    #[test]
    fn each_claim_has_a_higher_fence() {
        let queued = job(JobState::Queued { resends: 0 });
        let first = queued.claim(&daemon("a"), at(0), LENGTH, ALLOWED).unwrap();
        assert_eq!((first.fence, first.expires_at), (Fence(1), at(120)));
        let second = leased(1, "a")
            .claim(&daemon("b"), at(121), LENGTH, ALLOWED)
            .unwrap();
        assert_eq!(second.fence, Fence(2));
    }

    #[test]
    fn a_live_lease_keeps_others_out_but_not_its_holder() {
        let held = leased(1, "a");
        assert_eq!(
            held.claim(&daemon("b"), at(119), LENGTH, ALLOWED),
            Err(ClaimRefused::Leased { until: at(120) })
        );
        assert_eq!(
            held.claim(&daemon("a"), at(5), LENGTH, ALLOWED)
                .unwrap()
                .fence,
            Fence(1)
        );
    }

    #[test]
    fn a_job_is_given_up_after_its_attempts() {
        let tried = leased(3, "a");
        assert_eq!(
            tried.claim(&daemon("b"), at(500), LENGTH, ALLOWED),
            Err(ClaimRefused::Exhausted)
        );
    }

    #[test]
    fn only_the_newest_fence_may_finish_and_only_once() {
        let running = leased(2, "b");
        assert_eq!(
            running.finish(Fence(1), &Outcome::Cancelled),
            Err(FinishRefused::Stale)
        );
        assert!(
            running
                .finish(Fence(2), &Outcome::Cancelled)
                .unwrap()
                .is_some()
        );

        let done = job(JobState::Finished(Finished {
            at: at(9),
            started_at: Some(at(0)),
            fence: Fence(2),
            outcome: Outcome::Cancelled,
            spent: crate::Spent::default(),
        }));
        assert_eq!(done.finish(Fence(2), &Outcome::Cancelled), Ok(None));
        assert_eq!(
            done.finish(Fence(2), &Outcome::Expired),
            Err(FinishRefused::Finished)
        );
        assert_eq!(
            done.finish(Fence(1), &Outcome::Expired),
            Err(FinishRefused::Stale)
        );
        assert_eq!(
            done.claim(&daemon("c"), at(500), LENGTH, ALLOWED),
            Err(ClaimRefused::Finished)
        );
    }
}
