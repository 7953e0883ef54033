//! What a daemon at work tells.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One thing that happened to a job at work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgressEvent {
    /// When it happened, by the daemon's clock.
    pub at: Timestamp,
    /// The part of the job it belongs to.
    pub stage: Stage,
    /// What happened, in one line of at most [`ProgressEvent::TEXT_LIMIT`] bytes; written by an agent, so untrusted.
    pub text: String,
}

impl ProgressEvent {
    /// The most bytes that its text may have.
    pub const TEXT_LIMIT: usize = 200;
}

/// The parts of a job, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The repository is being cloned.
    Cloning,
    /// The agent is at work.
    Working,
    /// What the agent did is being checked.
    Checking,
    /// The branch is being pushed.
    Pushing,
    /// The pull request is being opened.
    Opening,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cloning => "cloning",
            Self::Working => "working",
            Self::Checking => "checking",
            Self::Pushing => "pushing",
            Self::Opening => "opening",
        })
    }
}
