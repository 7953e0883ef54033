//! The use cases of runs, one file each.
//!
//! A use case goes across several nouns: it reads, lets the domain decide, writes with a precondition, and sends.
//! Each takes the proof that it may be done: a person's [`policy::Allowed`], or what a machine has to show.
//! [`Runs`] is for whoever starts, stops or resumes a run; [`Worker`] is for the daemons, by the worker protocol.

mod daemon_keys;
mod dispatch_run;
mod error;
mod job_queue;
mod operator_token;
mod resume_run;
pub mod run_log;
mod runs;
mod start_run;
mod stop_runs;
mod tokens;
mod worker;

pub use daemon_keys::{DaemonKeys, Unproven};
pub use dispatch_run::Dispatched;
pub use error::{AppError, Retry};
pub use job_queue::JobQueue;
pub use operator_token::{NotOneOwner, OperatorToken};
pub use resume_run::Resumed;
pub use runs::Runs;
pub use start_run::{StartRequest, Started};
pub use tokens::{Grant, TokenError, TokenKeys};
pub use worker::{Claimant, Leaseholder, Worker, WorkerError, WorkerParts};
