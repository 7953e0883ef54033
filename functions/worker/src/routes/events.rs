//! `POST /worker/v1/jobs/{job_id}/events`

use axum::extract::State;
use contract::worker::EventsRequest;
use http::StatusCode;
use runs::Worker;
use secrecy::ExposeSecret;

use crate::{
    bearer::Bearer,
    job_path::JobPath,
    problem::{Body, Refused},
};

/// Stores news of the job.
pub(super) async fn events(
    State(worker): State<Worker>,
    JobPath(job): JobPath,
    Bearer(token): Bearer,
    Body(request): Body<EventsRequest>,
) -> Result<StatusCode, Refused> {
    worker
        .add_events(token.expose_secret(), job, request)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
