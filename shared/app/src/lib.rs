//! The verbs, one file each.
//!
//! A verb goes across several nouns: it reads, lets the domain decide, writes with a precondition, and sends.
//! Every verb takes who is asking. Each part of the system has one struct with just the adapters it may use:
//! [`Triage`], [`Worker`], [`Relay`] and [`Scheduler`].

mod connect;
mod daemon_keys;
mod error;
mod operator_token;
mod queue_job;
mod relay;
mod scheduler;
mod tokens;
mod told;
mod triage;
mod worker;

pub use connect::{ConnectError, github};
pub use daemon_keys::{DaemonKeys, Unproven};
pub use egress::GitHubSettings;
pub use error::{AppError, Retry};
pub use operator_token::{NotOneOwner, OperatorToken};
pub use relay::{Glimpse, News, Relay, Shown, news_of};
pub use scheduler::{Gaps, Scheduler, Sweep};
pub use tokens::{Grant, TokenError, TokenKeys};
pub use triage::{Triage, TriageParts, Triaged};
pub use worker::{Worker, WorkerError};
