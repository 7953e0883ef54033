//! Outbound: the one guarded HTTP client, and on it the worker protocol's client.
//!
//! Nothing else in the tree opens an HTTP connection to a provider: [`HttpClient`] decides where a request may go.
//! [`WorkerClient`] is the daemon's side of the worker protocol. It translates and guards; what an answer means for a
//! run is decided elsewhere.

mod guarded;
pub mod tls;
mod worker;

pub use guarded::{
    HttpClient, HttpError, HttpSettings, Refused, Request, Response, SetupError, Streaming,
    is_public,
};
pub use worker::{WorkerClient, WorkerError};
