//! The worker protocol, under `/worker/v1`.
//!
//! ```text
//! POST /worker/v1/jobs/{job}/claim      Bearer: the message's token   ClaimRequest     -> ClaimResponse
//! POST /worker/v1/jobs/{job}/heartbeat  Bearer: the lease's token     {}               -> HeartbeatResponse
//! POST /worker/v1/jobs/{job}/events     Bearer: the lease's token     EventsRequest    -> 204
//! POST /worker/v1/jobs/{job}/git-token  Bearer: the lease's token     GitTokenRequest  -> GitToken
//! POST /worker/v1/jobs/{job}/finish     Bearer: the lease's token     FinishRequest    -> 204
//! POST /worker/v1/jobs/{job}/release    Bearer: the lease's token     ReleaseRequest   -> 204
//! ```
//!
//! A claim also needs a proof by the key that daemons hold (`ClaimProof`), so that whoever merely reads the queue gets
//! nothing: without it the answer is `daemon-unproven` (401). A lease's token never leaves `worker` but to a daemon that
//! has proven itself, so it is enough for every other call.
//!
//! Errors are problem details. `lease-stale` and `job-finished` (409) mean: drop the work, it is somebody
//! else's now. At a claim, `job-leased` (409) means: somebody alive has the job and a message of their own, so delete this
//! copy; `job-waiting` (409) means: hide the message for the time in `Retry-After`.

use domain::{
    AgentTools, CommitSha, DaemonId, DefinitionName, DeliverableKind, Fence, GiveBack, Handle,
    ItemKind, ItemNumber, Login, MessageId, Outcome, ProgressEvent, Repository, RepositoryAccess,
    RunId, Spent, Task, TraceId,
};
use jiff::Timestamp;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::{ClaimProof, job::exposed};

/// The most bytes a request of this protocol may have.
pub const REQUEST_LIMIT: usize = 256 * 1024;
/// The most progress events in one request.
pub const EVENTS_LIMIT: usize = 50;
/// The most bytes of findings; a GitHub comment holds 65,536 characters with everything around them.
pub const FINDINGS_LIMIT: usize = 60_000;

/// Asks for a job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ClaimRequest {
    /// Who asks.
    pub daemon: DaemonId,
    /// That it is a daemon of this deployment. Without it nothing is given out.
    #[serde(default)]
    pub proof: Option<ClaimProof>,
}

/// A job, with everything needed to do it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ClaimResponse {
    /// The hold on the job.
    pub lease: LeaseGrant,
    /// What to do.
    pub payload: JobPayload,
}

/// A hold on a job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LeaseGrant {
    /// The right to every other call about this job, as long as nobody has a newer one.
    #[serde(serialize_with = "exposed")]
    pub token: SecretString,
    /// The lease's number; it counts the attempts.
    pub fence: Fence,
    /// When the lease runs out unless a heartbeat extends it.
    pub expires_at: Timestamp,
    /// How many seconds to wait between heartbeats.
    pub heartbeat_seconds: u32,
    /// How many milliseconds to wait at least between two requests with progress events.
    pub events_millis: u32,
}

/// What to do. Title, body and request are untrusted: people outside wrote them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JobPayload {
    /// The run this is for.
    pub run: RunId,
    /// The definition that it executes.
    pub definition: DefinitionName,
    /// What is to be done, and what may be.
    pub task: TaskPayload,
    /// The repository.
    pub repository: Repository,
    /// The issue or pull request.
    pub number: ItemNumber,
    /// Which of the two.
    pub kind: ItemKind,
    /// What people call the account that asked.
    pub requester: Handle,
    /// The item's title.
    pub title: String,
    /// The item's text.
    pub body: String,
    /// The comment that asked, if it was a comment.
    pub request: Option<String>,
    /// Its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<MessageId>,
    /// When it was asked for, by the provider's clock. Whatever was said or changed later was not there to be decided on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Timestamp>,
    /// The revision that was decided on, where it is a pull request: work on this one, whatever came after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<CommitSha>,
    /// The branch to push to; the same for every attempt of the run.
    pub branch: String,
    /// The login that commits are made as.
    pub bot: Login,
    /// When the work must be done.
    pub deadline: Timestamp,
    /// The trace id of the whole way, for the commit's trailer.
    pub trace: TraceId,
}

/// What an agent is to do, and what it may.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskPayload {
    /// What it may do in the repository.
    pub access: RepositoryAccess,
    /// Which tools the agent gets.
    pub tools: AgentTools,
    /// What it delivers.
    pub deliverable: DeliverableKind,
    /// What the agent is told, in our own words alone.
    pub prompt: String,
}

impl From<&Task> for TaskPayload {
    fn from(task: &Task) -> Self {
        Self {
            access: task.access(),
            tools: task.tools(),
            deliverable: task.deliverable(),
            prompt: task.prompt().to_owned(),
        }
    }
}

/// The lease still holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HeartbeatResponse {
    /// Until when, now.
    pub expires_at: Timestamp,
    /// Set when the work should stop; report the outcome this asks for.
    pub cancel: Option<CancelReason>,
}

/// Why work should stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CancelReason {
    /// A person said so.
    Requested,
    /// Its time ran out.
    Expired,
}

/// Tells progress events.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EventsRequest {
    /// How many progress events this lease has told before; the same batch told twice is stored once.
    pub first: u32,
    /// The events in their order, at most [`EVENTS_LIMIT`].
    pub events: Vec<ProgressEvent>,
}

/// Asks for a credential for the job's repository.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct GitTokenRequest {
    /// What it is for. What a job's task does not need is not given, whatever is asked for.
    #[serde(default)]
    pub access: GitAccess,
}

/// What a git credential is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GitAccess {
    /// Clone and fetch, and read what is said about the issue or pull request.
    #[default]
    Read,
    /// Push branches and open pull requests as well.
    Write,
}

/// A credential for one repository, good for an hour at most and for nothing but this job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GitToken {
    /// The password; the user name is `x-access-token`.
    #[serde(serialize_with = "exposed")]
    pub token: SecretString,
    /// When it stops working; of the operator's token, until when the job may use it.
    pub expires_at: Timestamp,
    /// Whose it is.
    #[serde(default)]
    pub source: TokenSource,
}

/// Where a git credential comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenSource {
    /// Minted for this call from the app's installation; whoever has it revokes it after use.
    #[default]
    Installation,
    /// Set by the operator; it is nobody's to revoke.
    Operator,
}

/// Ends the job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FinishRequest {
    /// How it ended.
    pub outcome: Outcome,
    /// What it used up.
    #[serde(default)]
    pub spent: Spent,
    /// The commit that was worked on; none if it did not come that far. Of a pull request only the one in the payload.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<CommitSha>,
    /// Words in Markdown, untrusted: the findings for a deliverable of findings, or why nothing was changed; at most
    /// [`FINDINGS_LIMIT`] bytes.
    pub findings: Option<String>,
}

/// Gives the job back without an end: another daemon may have it, and a new message for it is queued. The daemon deletes
/// its own message afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseRequest {
    /// Why.
    pub why: GiveBack,
    /// When trying again can help at the earliest, where that is known.
    #[serde(default)]
    pub not_before: Option<Timestamp>,
}
