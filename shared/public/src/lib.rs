//! The public API, as whoever calls it sees it: the types on its wire, and the OpenAPI document that describes it.
//!
//! Paths under `/v1` keep their meaning. A new optional field, a new operation and a new kind of problem may come at any time, so
//! readers pass over what they do not know; anything else is another version. An operation has a file in `operations`; its types
//! are in the module of their version. Nothing here answers a request.
//!
//! The document is made by [`document`] and committed as `docs/openapi.json`, which is what is served: a test holds the one to
//! the other.

mod document;
mod health;
mod operations;
pub mod v1;

pub use document::document;
pub use health::{Health, HealthStatus};

/// The OpenAPI document, as JSON.
pub const OPENAPI: &str = include_str!("../../../docs/openapi.json");
