//! The nouns, their states and the decisions about them.
//!
//! Everything here is pure: no async, no I/O, no AWS, no provider's wire format. Time and randomness
//! come in as [`Clock`] and [`Random`], so that every rule can be tested at any instant. A rule about one
//! noun belongs here; a use case that touches several nouns belongs to the application layer.

mod clock;
mod command;
mod connection;
mod conversation;
mod definition;
mod delivery;
mod delivery_key;
mod event;
mod failure;
mod fence;
mod gap;
mod id;
mod job;
mod markdown;
mod marker;
mod outcome;
mod progress;
mod provider;
mod random;
mod redact;
mod repository;
mod request;
mod run;
mod run_key;
mod text;
mod ticket;
mod untrusted;

pub use clock::{Clock, ManualClock, SharedClock, SystemClock};
pub use command::{Asked, Command, NearMiss, Vocabulary};
pub use connection::{Connection, Connections, OwnerList};
pub use conversation::{
    Excerpt, IssueComment, Line, Place, Review, ReviewComment, ReviewVerdict, Standing, Thread,
};
pub use definition::{
    AgentTools, DefinitionName, DefinitionRef, DeliverableKind, RepositoryAccess, Task, TaskError,
    TaskParts,
};
pub use delivery::{
    Answering, Delivery, Refusal, Reply, Say, StepName, TraceStep, Trying, Verdict,
};
pub use delivery_key::DeliveryKey;
pub use event::{
    CommentEvent, EventKind, InboundEvent, Item, LabelEvent, Sender, SenderKind, TextEvent, Written,
};
pub use failure::{Failure, FailureKind};
pub use fence::Fence;
pub use gap::{Arrival, AttemptId, DeliveryAttempt, Gap, GapPlan, REMEMBERED, close_gaps};
pub use id::{DaemonId, DeliveryId, IdError, JobId, RequestId, RunId, StepId, TenantId, TraceId};
pub use job::{
    Attempts, ClaimRefused, FinishRefused, GiveBack, GivenBack, Job, JobState, Lease, LeaseRefused,
    Leases, Wait,
};
pub use marker::Marker;
pub use outcome::{Cost, Deliverable, End, Finished, Outcome, PullRequest, Spent, Usage};
pub use progress::{ProgressEvent, Stage};
pub use provider::Provider;
pub use random::{Random, SeededRandom, SharedRandom, SystemRandom};
pub use redact::{CredentialKind, Redacted, Redactor, redactions};
pub use repository::{
    AccountId, CommentId, CommitSha, InstallationId, ItemNumber, Login, Permission, RepoName,
    Repository, RepositoryId, ReviewCommentId,
};
pub use request::{RequestTime, StopRequest};
pub use run::{
    Cancel, CredentialRefused, DueAction, NewRun, Origin, Released, Run, RunBranches, RunState,
    Step, Stopped, Tracking, Trigger,
};
pub use run_key::{RunKey, RunSequence};
pub use text::{TextError, clip};
pub use ticket::{ItemKind, Ticket, TicketKey};
pub use untrusted::{Fitted, Untrusted};
