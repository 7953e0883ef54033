//! How work ends.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Fence, ItemNumber};

/// The end of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// When it ended.
    pub at: Timestamp,
    /// When the last attempt began; none if it never did.
    pub started_at: Option<Timestamp>,
    /// The lease under which it ended; [`Fence::NONE`] if nobody held one.
    pub fence: Fence,
    /// How it ended.
    pub outcome: Outcome,
    /// What the agent's model calls cost, where the harness knows.
    pub cost: Option<Cost>,
}

/// How work ended. Each has its own words for the person who asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// Done as asked.
    Succeeded {
        /// What came of it.
        deliverable: Deliverable,
    },
    /// Something came of it, but it is not what was asked.
    Incomplete {
        /// What is missing.
        failure: Failure,
        /// What came of it.
        deliverable: Deliverable,
    },
    /// Nothing came of it.
    Failed {
        /// Why.
        failure: Failure,
    },
    /// A person stopped it.
    Cancelled,
    /// Its time ran out.
    Expired,
}

/// What came of the work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "deliverable", rename_all = "snake_case")]
pub enum Deliverable {
    /// A draft pull request.
    PullRequest(PullRequest),
    /// An answer in words, kept beside the run.
    Findings,
}

/// A pull request that was opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullRequest {
    /// Its number.
    pub number: ItemNumber,
    /// Its branch.
    pub branch: String,
    /// The page a person opens.
    pub url: String,
}

/// Money in millionths of a United States dollar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cost(pub u64);

/// Why work failed, in words fit for the public. Details stay in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The kind decides the words and whether trying again helps.
    pub kind: FailureKind,
}

impl From<FailureKind> for Failure {
    fn from(kind: FailureKind) -> Self {
        Self { kind }
    }
}

/// The kinds of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The agent ended with an error.
    AgentFailed,
    /// The agent did not end in time.
    AgentTimedOut,
    /// The agent wrote more than any person would read.
    AgentFlooded,
    /// The agent's program is not installed.
    AgentMissing,
    /// The agent's key or settings are missing.
    AgentUnconfigured,
    /// The agent changed nothing.
    NoChange,
    /// The agent left no findings.
    NoFindings,
    /// The checks of the change failed.
    ChecksFailed,
    /// The change touches what no agent may touch.
    ChangeRefused,
    /// The repository could not be cloned.
    CloneFailed,
    /// The provider refused the push.
    PushRejected,
    /// The provider refused the pull request.
    PullRequestRefused,
    /// Every daemon that tried was lost.
    WorkerLost,
    /// Switchyard's own fault.
    Internal,
}

impl FailureKind {
    /// Every kind, for tables and tests.
    pub const ALL: [Self; 14] = [
        Self::AgentFailed,
        Self::AgentTimedOut,
        Self::AgentFlooded,
        Self::AgentMissing,
        Self::AgentUnconfigured,
        Self::NoChange,
        Self::NoFindings,
        Self::ChecksFailed,
        Self::ChangeRefused,
        Self::CloneFailed,
        Self::PushRejected,
        Self::PullRequestRefused,
        Self::WorkerLost,
        Self::Internal,
    ];

    /// What went wrong, in one sentence for the person who asked.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::AgentFailed => "The agent ended with an error.",
            Self::AgentTimedOut => "The agent did not finish in the time it had.",
            Self::AgentFlooded => "The agent wrote far more output than is allowed.",
            Self::AgentMissing => "The agent's program is not installed on the daemon.",
            Self::AgentUnconfigured => "The agent's key or settings are missing on the daemon.",
            Self::NoChange => "The agent made no change.",
            Self::NoFindings => "The agent left no findings.",
            Self::ChecksFailed => "The change was made, but its checks failed.",
            Self::ChangeRefused => "The change touches files that an agent may not touch.",
            Self::CloneFailed => "The repository could not be cloned.",
            Self::PushRejected => "GitHub did not accept the branch.",
            Self::PullRequestRefused => "GitHub did not accept the pull request.",
            Self::WorkerLost => "Every worker that took this job was lost.",
            Self::Internal => "Something went wrong inside Switchyard.",
        }
    }

    /// What to do about it, in one sentence for the person who asked.
    pub const fn solution(self) -> &'static str {
        match self {
            Self::AgentFailed | Self::NoFindings => {
                "Ask again; if it fails again, make the request smaller or clearer."
            }
            Self::AgentTimedOut => "Ask for a smaller piece of work.",
            Self::AgentFlooded => "Ask for a smaller piece of work, or one with less output.",
            Self::AgentMissing => "Ask the operator to install it in the daemon's image.",
            Self::AgentUnconfigured => "Ask the operator to set it in the daemon's settings.",
            Self::NoChange => {
                "Say in the issue what should be different afterwards, then ask again."
            }
            Self::ChecksFailed => {
                "Look at the draft pull request, then ask again or finish it by hand."
            }
            Self::ChangeRefused => "Make that part of the change by hand.",
            Self::CloneFailed => "Check that the app may read this repository, then ask again.",
            Self::PushRejected => {
                "Check the app's permissions and the branch rules, then ask again."
            }
            Self::PullRequestRefused => "Check the app's permissions, then ask again.",
            Self::WorkerLost | Self::Internal => "Ask again; if it fails again, tell the operator.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_says_what_and_what_now() {
        for kind in FailureKind::ALL {
            assert!(
                kind.reason().ends_with('.') && kind.solution().ends_with('.'),
                "{kind:?}"
            );
        }
    }
}
