//! One inbound request and what became of it.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    CommentId, DeliveryId, InstallationId, ItemNumber, Repository, RunKey, TenantId, TraceId, Verb,
};

/// A system that work comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// GitHub, or a GitHub Enterprise Server.
    Github,
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Github => f.write_str("github"),
        }
    }
}

/// What makes a delivery unique: the same key twice is the same delivery, sent again.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DeliveryKey {
    /// Who sent it.
    pub provider: Provider,
    /// For which installation; 0 where the provider names none.
    pub installation: InstallationId,
    /// The provider's id, which stays the same when it sends the delivery again.
    pub id: DeliveryId,
}

/// A delivery's record: the verdict, and the trace of decisions that led to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its identity.
    pub key: DeliveryKey,
    /// The tenant it belongs to.
    pub tenant: TenantId,
    /// The trace id of the whole way from here to the commit.
    pub trace: TraceId,
    /// When the webhook function accepted it.
    pub received_at: Timestamp,
    /// What became of it.
    pub verdict: Verdict,
    /// The decisions in their order, readable by the person who asked.
    pub steps: Vec<TraceStep>,
}

/// What became of a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// Processing stopped half-way; the scheduler sends it again.
    Interrupted {
        /// How often it has been tried.
        attempts: u32,
    },
    /// It started a run.
    Started {
        /// The run.
        run: RunKey,
    },
    /// It stopped this many runs.
    Stopped {
        /// How many.
        runs: u32,
    },
    /// It asks for nothing.
    Ignored,
    /// It asks for something that may not be done.
    Refused {
        /// Why.
        refusal: Refusal,
        /// Where to tell the person who asked; none where nobody is to be told.
        reply: Option<Reply>,
    },
    /// Its verified bytes could not be understood.
    Rejected,
    /// It was tried for as long as makes sense; an operator must look.
    Failed,
}

impl Verdict {
    /// The verdict in one word.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Interrupted { .. } => "interrupted",
            Self::Started { .. } => "started",
            Self::Stopped { .. } => "stopped",
            Self::Ignored => "ignored",
            Self::Refused { .. } => "refused",
            Self::Rejected => "rejected",
            Self::Failed => "failed",
        }
    }
}

/// Why a request was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Refusal {
    /// The owner of the repository is not on the tenant's list.
    OwnerNotAllowed,
    /// The person may not write to the repository.
    PermissionTooLow,
    /// The verb does not apply to this kind of item.
    WrongItem {
        /// The verb.
        verb: Verb,
    },
    /// The same verb is already at work on the same item.
    AlreadyRunning {
        /// The verb.
        verb: Verb,
        /// The run that holds the place.
        run: RunKey,
    },
    /// There was nothing to stop.
    NothingToStop,
    /// The provider does not let the app see what it needs to decide.
    NoAccess,
}

/// Where to tell the person who asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// The installation to speak as.
    pub installation: InstallationId,
    /// The repository.
    pub repository: Repository,
    /// The issue or pull request.
    pub number: ItemNumber,
    /// The comment that asked, if it was a comment.
    pub comment: Option<CommentId>,
}

/// One decision on the way of a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceStep {
    /// When it was taken.
    pub at: Timestamp,
    /// Which decision.
    pub step: StepName,
    /// What was decided, in a few words; never contents of the delivery.
    pub detail: String,
}

/// The decisions that a delivery passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepName {
    /// The signature held.
    Verified,
    /// The body was understood.
    Parsed,
    /// The first of its key, or not.
    Deduplicated,
    /// A command was found, or not.
    Matched,
    /// The sender may ask, or not.
    Permitted,
    /// One unfinished run per verb and item.
    Capped,
    /// The run exists.
    Started,
    /// The job is in the queue.
    Queued,
    /// Something outside failed; it is tried again.
    Interrupted,
}

impl fmt::Display for StepName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Verified => "verified",
            Self::Parsed => "parsed",
            Self::Deduplicated => "deduplicated",
            Self::Matched => "matched",
            Self::Permitted => "permitted",
            Self::Capped => "capped",
            Self::Started => "started",
            Self::Queued => "queued",
            Self::Interrupted => "interrupted",
        })
    }
}
