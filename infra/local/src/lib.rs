//! The AWS account on one machine: development runner and end-to-end harness in one.
//!
//! [`Stack`] reads the deployable template and stands in for what AWS does around the functions: it makes the
//! table, the queues and the bucket on endpoints that keep their state on disk, gives every function the
//! settings, events and routes written there, runs the daemon as a process of its own, and, unless told to
//! use a real one, simulates GitHub. The functions do not know where they run.
//!
//! Tests use the same [`Stack`] with a clock they can move and faults they can inject.

mod account;
mod addresses;
mod agents;
mod cargo_lambda;
pub mod cli;
mod daemons;
mod demo_repository;
mod front_door;
mod functions;
mod hidden;
mod logging;
mod observer;
mod preflight;
mod private;
mod progress_view;
mod samples;
mod secrets;
mod stack;
pub mod template;
mod timeline;
mod triggers;
mod vars;
mod work_folder;

pub use daemons::{Daemon, DaemonCommand};
pub use demo_repository::{COMMAND, files as demonstration_files};
pub use functions::FunctionName;
pub use samples::{SampleError, SampleEvent};
pub use secrets::Secrets;
pub use stack::{AccessToken, FunctionsAt, GitHubAt, Schedule, Stack, StackConfig, StackError};
