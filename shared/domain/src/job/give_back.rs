//! Giving a job back, and what that makes of its wait.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Fence;

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

/// A lease that its holder ended in order, without an end of the job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GivenBack {
    /// The lease.
    pub fence: Fence,
    /// Why it was ended.
    pub why: GiveBack,
    /// Nobody may have the job before, where there is something to wait for.
    pub not_before: Option<Timestamp>,
}

/// A wait for a daemon.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wait {
    /// How often the job has been sent again because nobody claimed it.
    pub resends: u32,
    /// How the newest lease ended; none if nobody has had the job yet.
    pub given_back: Option<GivenBack>,
}

impl Wait {
    /// The newest fence given out.
    pub fn fence(&self) -> Fence {
        self.given_back.map_or(Fence::NONE, |back| back.fence)
    }

    /// Nobody may have the job before, where there is something to wait for.
    pub fn not_before(&self) -> Option<Timestamp> {
        self.given_back?.not_before
    }
}

/// What has become of a job's leases so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Leases {
    /// How many ran out and were taken over, because their holders were lost. Only these count as attempts.
    pub lost: u32,
    /// How many were given back because the holder's machine could not do the job.
    pub unfit: u32,
}
