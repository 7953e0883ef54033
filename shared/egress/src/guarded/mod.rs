//! The one guarded HTTP client.

mod address;
mod client;
mod destination;
mod error;
mod message;
mod resolver;
mod streaming;

pub use address::is_public;
pub use client::{HttpClient, HttpSettings};
pub use destination::Refused;
pub use error::{HttpError, SetupError};
pub use message::{Request, Response};
pub use streaming::Streaming;
