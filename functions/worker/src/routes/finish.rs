//! `POST /worker/v1/jobs/{job_id}/finish`

use axum::extract::State;
use contract::worker::FinishRequest;
use http::StatusCode;
use runs::Worker;
use secrecy::ExposeSecret;

use crate::{
    bearer::Bearer,
    job_path::JobPath,
    problem::{Body, Refused},
};

/// Ends the job, once.
pub(super) async fn finish(
    State(worker): State<Worker>,
    JobPath(job): JobPath,
    Bearer(token): Bearer,
    Body(request): Body<FinishRequest>,
) -> Result<StatusCode, Refused> {
    worker
        .finish_job(token.expose_secret(), job, request)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
