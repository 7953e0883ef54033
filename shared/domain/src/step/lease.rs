//! A daemon's hold on a step, and why it is refused.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::StepAttempt;
use crate::{DaemonId, Fence};

/// A daemon's hold on a step.
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

/// What has become of a step's leases so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Leases {
    /// How many ran out and were taken over, because their holders were lost. Only these count as attempts.
    pub lost: u32,
    /// How many were given back because the holder's machine could not do the job.
    pub unfit: u32,
}

/// Why a holder gives a job back. None of these is the job's own fault, and none is a loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GiveBack {
    /// The daemon ends: a deployment, a machine that is taken away, a person at a terminal.
    Shutdown,
    /// The daemon's machine cannot do the job: a full disk, a missing program.
    Environment,
    /// The model provider takes no more requests until a time.
    ModelLimited,
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
        StepAttempt::LEASE.as_secs()
            - StepAttempt::FRESH.as_secs()
            - StepAttempt::HEARTBEAT.as_secs(),
    );

    /// Whether the holder has shown to be alive, as far as `now` can tell.
    pub(super) fn is_kept(&self, now: Timestamp) -> bool {
        self.expires_at.duration_since(now) >= Self::KEPT
    }
}
