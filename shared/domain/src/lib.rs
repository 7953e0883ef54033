//! The nouns, their states and the decisions about them.
//!
//! Everything here is pure: no async, no I/O, no AWS, no provider's wire format. Time and randomness
//! come in as [`Clock`] and [`Random`], so that every rule can be tested at any instant. A rule about one
//! noun belongs here; a use case that touches several nouns belongs to the application layer.

mod clock;
mod code_target;
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
mod head_version;
mod id;
mod markdown;
mod marker;
mod origin;
mod outcome;
mod place;
mod progress;
mod provider;
mod provider_id;
mod random;
mod redact;
mod repository;
mod request;
mod requester;
mod run;
mod run_branches;
mod run_head;
mod run_key;
mod step;
mod subject;
mod text;
mod tracking_place;
mod untrusted;

pub use clock::{Clock, ManualClock, SharedClock, SystemClock};
pub use code_target::CodeTarget;
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
    Answering, Delivery, Intent, Refusal, Reply, Say, Start, StepName, TraceStep, Trying, Verdict,
};
pub use delivery_key::DeliveryKey;
pub use event::{
    CommentEvent, InboundEvent, Item, LabelEvent, Sender, SenderKind, TextEvent, Written,
};
pub use failure::{Failure, FailureKind};
pub use fence::Fence;
pub use gap::{Arrival, AttemptId, DeliveryAttempt, Gap, GapPlan, REMEMBERED, close_gaps};
pub use head_version::HeadVersion;
pub use id::{
    ConnectionId, DaemonId, DeliveryId, IdError, JobId, RequestId, RunId, StepId, TenantId, TraceId,
};
pub use marker::Marker;
pub use origin::{Cause, IdempotencyKey, Origin, RequestKey, ScheduleId, Trigger};
pub use outcome::{Cost, Deliverable, End, Finished, Outcome, PullRequest, Spent, Usage};
pub use place::PlaceName;
pub use progress::{ProgressEvent, Stage};
pub use provider::Provider;
pub use provider_id::{AccountId, ContainerId, InstallationId, ItemId, MessageId, RepositoryId};
pub use random::{Random, SeededRandom, SharedRandom, SystemRandom};
pub use redact::{CredentialKind, Redacted, Redactor, redactions};
pub use repository::{
    CommitSha, ItemNumber, Login, Permission, RepoName, Repository, ReviewCommentId,
};
pub use request::{RequestTime, StopRequest};
pub use requester::{Handle, Requester};
pub use run::{Run, RunState};
pub use run_branches::RunBranches;
pub use run_head::{
    Advance, Control, CredentialRefused, HeadError, HeadParts, HeadState, Release, RunHead,
    RunOrder, TellLook,
};
pub use run_key::{RunKey, RunSequence};
pub use step::{
    ClaimRefused, Claimed, Closed, FinishRefused, GiveBack, Lease, LeaseRefused, Leases, NodePath,
    StepAttempt, StepError, StepFinished, StepLook, StepParts, StepRef, StepReleased, StepState,
};
pub use subject::{ItemKind, Subject, SubjectId, SubjectKey};
pub use text::{TextError, clip};
pub use tracking_place::{PostTurn, PosterId, TrackingPlace, TrackingState};
pub use untrusted::{Fitted, Untrusted};
