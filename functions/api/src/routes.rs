//! One file for each operation.

mod health;
mod openapi;
mod problem;
mod version;

use axum::{Router, routing::get};

/// All routes. The template lists the same ones, and the OpenAPI document describes them; a test compares all three.
pub(crate) fn routes() -> Router {
    Router::new()
        .route("/health", get(health::health))
        .route("/v1/version", get(version::version))
        .route("/openapi.json", get(openapi::openapi))
        .route("/problems/{slug}", get(problem::page))
}
