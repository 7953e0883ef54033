//! How work ends.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{CommitSha, Failure, Fence, ItemNumber, Redactor};

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
    /// What the work used up.
    pub spent: Spent,
    /// The commit that was worked on, where it is known.
    pub revision: Option<CommitSha>,
}

/// The end of work, as whoever did it tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// How it ended.
    pub outcome: Outcome,
    /// What it used up.
    pub spent: Spent,
    /// The commit that was worked on; none if it did not come that far.
    pub revision: Option<CommitSha>,
}

impl From<Outcome> for End {
    fn from(outcome: Outcome) -> Self {
        Self {
            outcome,
            spent: Spent::default(),
            revision: None,
        }
    }
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
    /// There was nothing to change, and the agent said why; its words are kept beside the run.
    Unchanged,
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

impl Outcome {
    /// The same without credentials in what a failure names.
    #[must_use]
    pub fn redacted(self, redactor: &Redactor) -> Self {
        match self {
            Self::Failed { failure } => Self::Failed {
                failure: failure.redacted(redactor),
            },
            Self::Incomplete {
                failure,
                deliverable,
            } => Self::Incomplete {
                failure: failure.redacted(redactor),
                deliverable,
            },
            other => other,
        }
    }
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

/// What work used up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Spent {
    /// What the agent's model calls cost, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cost>,
    /// What the model calls of the agent, and of whoever looked over its words, used, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
}

/// What model calls used, as measured on their way to the provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// How many calls were made.
    pub calls: u64,
    /// Tokens that were read at the full price.
    pub input_tokens: u64,
    /// Tokens that were written into the provider's cache.
    pub cache_write_tokens: u64,
    /// Tokens that were read from the provider's cache.
    pub cache_read_tokens: u64,
    /// Tokens that the model wrote.
    pub output_tokens: u64,
}

impl Usage {
    /// Both together.
    #[must_use]
    pub fn plus(self, more: Self) -> Self {
        Self {
            calls: self.calls.saturating_add(more.calls),
            input_tokens: self.input_tokens.saturating_add(more.input_tokens),
            cache_write_tokens: self
                .cache_write_tokens
                .saturating_add(more.cache_write_tokens),
            cache_read_tokens: self
                .cache_read_tokens
                .saturating_add(more.cache_read_tokens),
            output_tokens: self.output_tokens.saturating_add(more.output_tokens),
        }
    }
}

/// Money in millionths of a United States dollar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cost(pub u64);
