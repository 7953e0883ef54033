//! Running as a Lambda: settings from Parameter Store, telemetry, SDK clients, batches, problem details, mains.
//!
//! What every function needs around its own work, and nothing about that work. A `main.rs` composes:
//!
//! ```no_run
//! use settings::Program;
//! use switchyard_kit::{Error, Process};
//!
//! # async fn compose() -> Result<(), Error> {
//! let process = Process::start(Program::Relay);
//! let aws = process.aws();
//! let settings = process.settings(&aws, async {}).await;
//! let mut read = settings.reader(Program::Relay);
//! let table = read.get(&settings::TABLE_NAME);
//! let table = read.finish(|| table)?;
//! process
//!     .serve_events(async |event: String| Ok(format!("{table}: {event}")))
//!     .await
//! # }
//! ```

mod access;
mod around;
mod aws;
mod batch;
mod boundary;
mod http_event;
mod panics;
mod parameters;
mod problem;
mod process;
mod stranger;
mod stream;
pub mod telemetry;
mod transport;

pub use aws::{ATTEMPT, Clients, LONGEST_CALL};
pub use batch::handle_batch;
pub use boundary::{Boundary, REQUEST_ID};
pub use lambda_runtime::Error;
pub use parameters::load_settings;
pub use problem::ProblemResponse;
pub use process::Process;
pub use stream::handle_stream;
