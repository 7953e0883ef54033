//! `POST /worker/v1/jobs/{job_id}/git-token`

use axum::{Json, extract::State};
use contract::worker::{GitToken, GitTokenRequest};
use runs::Worker;
use secrecy::ExposeSecret;

use crate::{
    bearer::Bearer,
    job_path::JobPath,
    problem::{Body, Refused},
};

/// Mints a credential for the job's repository, just in time.
pub(super) async fn git_token(
    State(worker): State<Worker>,
    JobPath(job): JobPath,
    Bearer(token): Bearer,
    Body(request): Body<GitTokenRequest>,
) -> Result<Json<GitToken>, Refused> {
    Ok(Json(
        worker
            .mint_git_token(token.expose_secret(), job, request)
            .await?,
    ))
}
