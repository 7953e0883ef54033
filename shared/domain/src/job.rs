//! The part of a step that a daemon does: its states, its lease, and who may move it.

use jiff::{SignedDuration, Timestamp};

use crate::{DaemonId, Fence, Finished, JobId, Outcome};

mod give_back;

pub use give_back::{GiveBack, GivenBack, Leases, Wait};

/// How many leases of a job may be lost before it is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempts(pub u32);

/// One job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// Where it stands.
    pub state: JobState,
    /// What has become of its leases so far.
    pub leases: Leases,
}

/// Where a job stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobState {
    /// Waiting in the queue.
    Queued(Wait),
    /// A daemon holds it.
    Running(Lease),
    /// It has ended, once and for all.
    Finished(Box<Finished>),
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
    /// Somebody else holds it, and has lately shown to be alive.
    #[error("the job is leased until {until}")]
    Leased {
        /// When the lease runs out.
        until: Timestamp,
    },
    /// Nobody may have it yet: its holder is late and perhaps lost, or it was given back until a time.
    #[error("the job waits until {until}")]
    Waiting {
        /// When it can be claimed.
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

impl Lease {
    /// What is left at the least of the lease of a holder that is alive: it is extended at every heartbeat unless it
    /// is fresh.
    const KEPT: SignedDuration = SignedDuration::from_secs(
        Job::LEASE.as_secs() - Job::FRESH.as_secs() - Job::HEARTBEAT.as_secs(),
    );

    /// Whether the holder has shown to be alive, as far as `now` can tell.
    pub(crate) fn is_kept(&self, now: Timestamp) -> bool {
        self.expires_at.duration_since(now) >= Self::KEPT
    }
}

impl Job {
    /// How long a lease holds without a heartbeat. The jobs queue hides a message for as long.
    pub const LEASE: SignedDuration = SignedDuration::from_secs(120);
    /// How often a daemon should send a heartbeat: three fit into a lease.
    pub const HEARTBEAT: SignedDuration = SignedDuration::from_secs(40);
    /// How young a lease must be for a heartbeat to leave it as it is: the one that comes soon after the claim, or
    /// before a push, asks whether the lease holds and costs no write. Less than a [`Self::HEARTBEAT`], so that
    /// the regular ones always extend.
    pub const FRESH: SignedDuration = SignedDuration::from_secs(30);

    /// A job that nobody has had yet.
    pub fn queued(id: JobId) -> Self {
        Self {
            id,
            state: JobState::Queued(Wait::default()),
            leases: Leases::default(),
        }
    }

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
                let until = lease.expires_at;
                return Err(if lease.is_kept(now) {
                    ClaimRefused::Leased { until }
                } else {
                    ClaimRefused::Waiting { until }
                });
            }
            JobState::Running(_) if self.losses() >= allowed.0 => {
                return Err(ClaimRefused::Exhausted);
            }
            JobState::Running(lease) => lease.fence,
            JobState::Queued(wait) => match wait.not_before() {
                Some(until) if until > now => return Err(ClaimRefused::Waiting { until }),
                Some(_) | None => wait.fence(),
            },
        };
        Ok(Lease {
            fence: Fence(last.0 + 1),
            daemon: daemon.clone(),
            claimed_at: now,
            expires_at: now + length,
        })
    }

    /// Notes a lease that [`Self::claim`] gave. If it is a new one on a job that somebody held, that holder was lost.
    pub(crate) fn take(&mut self, lease: Lease) {
        if matches!(&self.state, JobState::Running(held) if held.fence != lease.fence) {
            self.leases.lost = self.losses();
        }
        self.state = JobState::Running(lease);
    }

    /// How many leases have been lost once the present one has run out.
    pub(crate) const fn losses(&self) -> u32 {
        self.leases.lost.saturating_add(1)
    }

    /// The newest fence given out.
    pub fn fence(&self) -> Fence {
        match &self.state {
            JobState::Queued(wait) => wait.fence(),
            JobState::Running(lease) => lease.fence,
            JobState::Finished(finished) => finished.fence,
        }
    }

    /// The lease under `fence`, if it is the newest. One that has run out but that nobody has taken over
    /// is still good: its holder was slow, not replaced.
    pub fn lease(&self, fence: Fence) -> Result<&Lease, LeaseRefused> {
        match &self.state {
            JobState::Running(lease) if lease.fence == fence => Ok(lease),
            JobState::Running(_) | JobState::Queued(_) => Err(LeaseRefused::Stale),
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
            state,
            ..Job::queued(JobId::mint(at(0), &SeededRandom::new(1)))
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

    fn given_back(not_before: Option<Timestamp>) -> Job {
        let back = GivenBack {
            fence: Fence(2),
            why: GiveBack::Shutdown,
            not_before,
        };
        job(JobState::Queued(Wait {
            resends: 0,
            given_back: Some(back),
        }))
    }

    #[test]
    fn each_claim_has_a_higher_fence() {
        let queued = job(JobState::Queued(Wait::default()));
        let first = queued.claim(&daemon("a"), at(0), LENGTH, ALLOWED).unwrap();
        assert_eq!((first.fence, first.expires_at), (Fence(1), at(120)));
        let second = leased(1, "a")
            .claim(&daemon("b"), at(121), LENGTH, ALLOWED)
            .unwrap();
        assert_eq!(second.fence, Fence(2));
        let third = given_back(None).claim(&daemon("b"), at(5), LENGTH, ALLOWED);
        assert_eq!(third.unwrap().fence, Fence(3));
    }

    #[test]
    fn a_job_that_was_given_back_until_a_time_waits_for_it() {
        let waiting = given_back(Some(at(50)));
        let claim = |now| waiting.claim(&daemon("b"), at(now), LENGTH, ALLOWED);
        assert_eq!(claim(49), Err(ClaimRefused::Waiting { until: at(50) }));
        assert_eq!(claim(50).unwrap().fence, Fence(3));
        assert_eq!(waiting.lease(Fence(2)), Err(LeaseRefused::Stale));
    }

    #[test]
    fn a_live_lease_keeps_others_out_but_not_its_holder() {
        let held = leased(1, "a");
        let others = |now| held.claim(&daemon("b"), at(now), LENGTH, ALLOWED);
        let until = at(120);
        assert_eq!(others(70), Err(ClaimRefused::Leased { until }));
        // Every heartbeat leaves more than this.
        assert_eq!(others(71), Err(ClaimRefused::Waiting { until }));
        assert_eq!(others(119), Err(ClaimRefused::Waiting { until }));
        assert_eq!(
            held.claim(&daemon("a"), at(5), LENGTH, ALLOWED)
                .unwrap()
                .fence,
            Fence(1)
        );
    }

    #[test]
    fn a_job_is_given_up_after_its_losses_however_many_leases_there_were() {
        let mut tried = leased(7, "a");
        tried.leases.lost = 1;
        let next = tried.claim(&daemon("b"), at(500), LENGTH, ALLOWED).unwrap();
        tried.take(next);
        assert_eq!(tried.leases.lost, 2);
        assert_eq!(
            tried.claim(&daemon("b"), at(900), LENGTH, ALLOWED),
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

        let done = job(JobState::Finished(Box::new(Finished {
            at: at(9),
            started_at: Some(at(0)),
            fence: Fence(2),
            outcome: Outcome::Cancelled,
            spent: crate::Spent::default(),
            revision: None,
        })));
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
