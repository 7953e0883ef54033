//! `POST /worker/v1/jobs/{job_id}/git-token`

use app::Worker;
use axum::{Json, extract::State};
use contract::worker::GitToken;
use secrecy::ExposeSecret;

use crate::{bearer::Bearer, job_path::JobPath, problem::Refused};

/// Mints a credential for the job's repository, just in time.
pub(super) async fn git_token(
    State(worker): State<Worker>,
    JobPath(job): JobPath,
    Bearer(token): Bearer,
) -> Result<Json<GitToken>, Refused> {
    Ok(Json(
        worker.mint_git_token(token.expose_secret(), job).await?,
    ))
}
