//! The use cases of runs, one file each.
//!
//! A use case goes across several nouns: it reads, lets the domain decide, writes with a precondition, and sends.
//! Each takes the proof that it may be done: a person's [`policy::Allowed`], or what a machine has to show.
//! Whatever happens to a run, `advance_run` moves it on. [`Runs`] is for whoever starts, stops or resumes a run; [`Worker`] is for the daemons, by the worker protocol.

mod advance_run;
mod daemon_keys;
mod error;
mod find_place;
mod job_queue;
mod open_delivery;
mod operator_token;
mod resend_job;
mod resume_run;
pub mod run_log;
mod runs;
mod start_run;
mod start_waiting;
mod stop_runs;
mod tokens;
mod worker;

pub use daemon_keys::{DaemonKeys, Unproven};
pub use error::{AppError, Retry};
pub use job_queue::JobQueue;
pub use open_delivery::{OpenDelivery, Raced};
pub use operator_token::{NotOneOwner, OperatorToken};
pub use resume_run::Resumed;
pub use runs::Runs;
pub use start_run::{StartRequest, Started};
pub use stop_runs::Stopped;
pub use tokens::{Grant, TokenError, TokenKeys};
pub use worker::{Claimant, Leaseholder, Worker, WorkerError, WorkerParts};
