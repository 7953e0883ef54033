//! `POST /worker/v1/jobs/{job_id}/git-token`

use axum::{Json, extract::State};
use contract::worker::{GitToken, GitTokenRequest};
use runs::Worker;

use crate::{
    holder::Holder,
    problem::{Body, Refused},
};

/// Mints a credential for the job's repository, just in time.
pub(super) async fn git_token(
    State(worker): State<Worker>,
    Holder(holder): Holder,
    Body(request): Body<GitTokenRequest>,
) -> Result<Json<GitToken>, Refused> {
    Ok(Json(worker.mint_git_token(&holder, request).await?))
}
