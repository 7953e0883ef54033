//! Running as a Lambda: settings, telemetry, SDK clients, batches, problem details.
//!
//! What every function needs around its own work, and nothing about that work. A `main.rs` composes:
//!
//! ```no_run
//! # use switchyard_kit as kit;
//! # async fn compose() -> Result<(), kit::SettingsError> {
//! let vars = kit::environment();
//! let telemetry = kit::telemetry::start("webhook", &vars);
//! let aws = kit::Clients::from_vars(&vars);
//! let settings = kit::Settings::load(vars, &aws, &["GITHUB_WEBHOOK_SECRET"]).await;
//! let mut read = settings.reader();
//! let queue = read.text("DELIVERIES_QUEUE_URL");
//! let secret = read.secret("GITHUB_WEBHOOK_SECRET");
//! let (queue, secret) = read.finish(|| Some((queue?, secret?)))?;
//! # drop((queue, secret));
//! telemetry.flush().await;
//! # Ok(())
//! # }
//! ```

mod access;
mod aws;
mod batch;
mod boundary;
mod problem;
mod settings;
mod stream;
pub mod telemetry;
mod transport;

pub use aws::{ATTEMPT, Clients, LONGEST_CALL};
pub use batch::handle_batch;
pub use boundary::{Boundary, REQUEST_ID};
pub use problem::ProblemResponse;
pub use settings::{Settings, SettingsError, SettingsReader, WrongSetting, environment};
pub use stream::handle_stream;
