//! The daemon's side of the worker protocol.

mod client;
mod error;

pub use client::WorkerClient;
pub use error::WorkerError;
