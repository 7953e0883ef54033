//! How work ended, as it is stored.

use domain::{
    CommitSha, Cost, Deliverable, Failure, FailureKind, Fence, Finished, ItemNumber, Outcome,
    PullRequest, Spent, Usage,
};
use serde::{Deserialize, Serialize};

use super::{WrongRecord, from_millis, to_millis};

/// The end of a step or run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FinishedRecord {
    at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<i64>,
    fence: u32,
    end: OutcomeRecord,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cost: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    usage: Option<UsageRecord>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    revision: Option<CommitSha>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
enum OutcomeRecord {
    Succeeded {
        #[serde(flatten)]
        made: DeliverableRecord,
    },
    Incomplete {
        failure: FailureRecord,
        #[serde(flatten)]
        made: DeliverableRecord,
    },
    Unchanged,
    Failed {
        failure: FailureRecord,
    },
    Cancelled,
    Expired,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "made", rename_all = "snake_case")]
enum DeliverableRecord {
    Pull {
        number: u64,
        branch: String,
        url: String,
    },
    Findings,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct FailureRecord {
    kind: FailureKind,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    about: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kept: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retry: Option<i64>,
}

/// Calls, and tokens read, written to and read from the cache, and written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct UsageRecord(u64, u64, u64, u64, u64);

impl FinishedRecord {
    pub(crate) fn of(finished: &Finished) -> Self {
        let Finished {
            at,
            started_at,
            fence,
            outcome,
            spent,
            revision,
        } = finished;
        Self {
            at: to_millis(*at),
            from: started_at.map(to_millis),
            fence: fence.0,
            end: OutcomeRecord::of(outcome),
            cost: spent.cost.map(|cost| cost.0),
            usage: spent.usage.map(UsageRecord::of),
            revision: revision.clone(),
        }
    }

    pub(crate) fn into_finished(self) -> Result<Finished, WrongRecord> {
        Ok(Finished {
            at: from_millis(self.at)?,
            started_at: self.from.map(from_millis).transpose()?,
            fence: Fence(self.fence),
            outcome: self.end.into_outcome()?,
            spent: Spent {
                cost: self.cost.map(Cost),
                usage: self.usage.map(UsageRecord::into_usage),
            },
            revision: self.revision,
        })
    }
}

impl OutcomeRecord {
    fn of(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Succeeded { deliverable } => Self::Succeeded {
                made: DeliverableRecord::of(deliverable),
            },
            Outcome::Incomplete {
                failure,
                deliverable,
            } => Self::Incomplete {
                failure: FailureRecord::of(failure),
                made: DeliverableRecord::of(deliverable),
            },
            Outcome::Unchanged => Self::Unchanged,
            Outcome::Failed { failure } => Self::Failed {
                failure: FailureRecord::of(failure),
            },
            Outcome::Cancelled => Self::Cancelled,
            Outcome::Expired => Self::Expired,
        }
    }

    fn into_outcome(self) -> Result<Outcome, WrongRecord> {
        Ok(match self {
            Self::Succeeded { made } => Outcome::Succeeded {
                deliverable: made.into_deliverable(),
            },
            Self::Incomplete { failure, made } => Outcome::Incomplete {
                failure: failure.into_failure()?,
                deliverable: made.into_deliverable(),
            },
            Self::Unchanged => Outcome::Unchanged,
            Self::Failed { failure } => Outcome::Failed {
                failure: failure.into_failure()?,
            },
            Self::Cancelled => Outcome::Cancelled,
            Self::Expired => Outcome::Expired,
        })
    }
}

impl DeliverableRecord {
    fn of(deliverable: &Deliverable) -> Self {
        match deliverable {
            Deliverable::PullRequest(pull) => Self::Pull {
                number: pull.number.0,
                branch: pull.branch.clone(),
                url: pull.url.clone(),
            },
            Deliverable::Findings => Self::Findings,
        }
    }

    fn into_deliverable(self) -> Deliverable {
        match self {
            Self::Pull {
                number,
                branch,
                url,
            } => Deliverable::PullRequest(PullRequest {
                number: ItemNumber(number),
                branch,
                url,
            }),
            Self::Findings => Deliverable::Findings,
        }
    }
}

impl FailureRecord {
    fn of(failure: &Failure) -> Self {
        Self {
            kind: failure.kind(),
            about: failure.names().to_vec(),
            kept: failure.branch().map(str::to_owned),
            retry: failure.retries_at().map(to_millis),
        }
    }

    fn into_failure(self) -> Result<Failure, WrongRecord> {
        let mut failure = Failure::from(self.kind).about(self.about);
        if let Some(branch) = self.kept {
            failure = failure.kept_on(&branch);
        }
        if let Some(retry) = self.retry {
            failure = failure.retry_at(from_millis(retry)?);
        }
        Ok(failure)
    }
}

impl UsageRecord {
    const fn of(usage: Usage) -> Self {
        let Usage {
            calls,
            input_tokens,
            cache_write_tokens,
            cache_read_tokens,
            output_tokens,
        } = usage;
        Self(
            calls,
            input_tokens,
            cache_write_tokens,
            cache_read_tokens,
            output_tokens,
        )
    }

    const fn into_usage(self) -> Usage {
        let Self(calls, input_tokens, cache_write_tokens, cache_read_tokens, output_tokens) = self;
        Usage {
            calls,
            input_tokens,
            cache_write_tokens,
            cache_read_tokens,
            output_tokens,
        }
    }
}
