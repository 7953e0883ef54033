//! `POST /worker/v1/jobs/{job_id}/claim`

use app::Worker;
use axum::{
    Json,
    extract::{Path, State},
};
use contract::worker::{ClaimRequest, ClaimResponse};
use domain::JobId;
use secrecy::ExposeSecret;

use crate::{
    bearer::Bearer,
    problem::{Body, Refused},
};

/// Gives the job to the daemon that asks, with everything needed to do it.
pub(super) async fn claim(
    State(worker): State<Worker>,
    Path(job): Path<JobId>,
    Bearer(token): Bearer,
    Body(request): Body<ClaimRequest>,
) -> Result<Json<ClaimResponse>, Refused> {
    Ok(Json(
        worker
            .claim_job(token.expose_secret(), job, request)
            .await?,
    ))
}
