//! `POST /worker/v1/jobs/{job_id}/release`

use axum::extract::State;
use contract::worker::ReleaseRequest;
use http::StatusCode;
use runs::Worker;
use secrecy::ExposeSecret;

use crate::{
    bearer::Bearer,
    job_path::JobPath,
    problem::{Body, Refused},
};

/// Takes the job back, for another daemon.
pub(super) async fn release(
    State(worker): State<Worker>,
    JobPath(job): JobPath,
    Bearer(token): Bearer,
    Body(request): Body<ReleaseRequest>,
) -> Result<StatusCode, Refused> {
    worker
        .release_job(token.expose_secret(), job, request)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
