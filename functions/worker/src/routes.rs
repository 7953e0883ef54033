//! One file for each operation.

mod claim;
mod events;
mod finish;
mod git_token;
mod health;
mod heartbeat;
mod release;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, post},
};
use runs::Worker;

/// All routes. The template lists the same ones; a test compares them.
pub(crate) fn routes() -> Router<Worker> {
    Router::new()
        .route("/health", get(health::health))
        .route("/worker/v1/jobs/{job_id}/claim", post(claim::claim))
        .route(
            "/worker/v1/jobs/{job_id}/heartbeat",
            post(heartbeat::heartbeat),
        )
        .route("/worker/v1/jobs/{job_id}/events", post(events::events))
        .route(
            "/worker/v1/jobs/{job_id}/git-token",
            post(git_token::git_token),
        )
        .route("/worker/v1/jobs/{job_id}/finish", post(finish::finish))
        .route("/worker/v1/jobs/{job_id}/release", post(release::release))
        .layer(DefaultBodyLimit::max(contract::worker::REQUEST_LIMIT))
}
