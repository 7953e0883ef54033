//! The public API, for people and the programs that they use.
//!
//! It stands behind an API Gateway HTTP API, whose routes are the ones here. It holds no secret and reaches neither the table nor
//! a queue: what it answers is about Switchyard itself. Errors are problem details, and there is a page for each kind of them.
//!
//! The router can be mounted anywhere; `main.rs` mounts it on Lambda.

mod limit;
mod routes;

use axum::{Router, extract::DefaultBodyLimit, middleware::from_fn};
use kit::Boundary;

pub use limit::BODY_LIMIT;

/// The routes of the API, and problems for everything else.
pub fn router(boundary: Boundary) -> Router {
    let routes = routes::routes()
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(from_fn(limit::limited));
    boundary.around(routes)
}
