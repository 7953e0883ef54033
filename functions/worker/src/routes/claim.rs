//! `POST /worker/v1/jobs/{job_id}/claim`

use axum::{Json, extract::State};
use contract::worker::{ClaimRequest, ClaimResponse};
use runs::Worker;
use secrecy::ExposeSecret;

use crate::{
    bearer::Bearer,
    job_path::JobPath,
    problem::{Refused, StrangersBody},
};

/// Gives the job to the daemon that asks, with everything needed to do it.
pub(super) async fn claim(
    State(worker): State<Worker>,
    JobPath(job): JobPath,
    Bearer(token): Bearer,
    StrangersBody(request): StrangersBody<ClaimRequest>,
) -> Result<Json<ClaimResponse>, Refused> {
    let claimant = worker.claimant(token.expose_secret(), job, &request)?;
    Ok(Json(worker.claim_job(&claimant).await?))
}
