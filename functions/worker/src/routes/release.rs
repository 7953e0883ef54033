//! `POST /worker/v1/jobs/{job_id}/release`

use axum::extract::State;
use contract::worker::ReleaseRequest;
use http::StatusCode;
use runs::Worker;

use crate::{
    holder::Holder,
    problem::{Body, Refused},
};

/// Takes the job back, for another daemon.
pub(super) async fn release(
    State(worker): State<Worker>,
    Holder(holder): Holder,
    Body(request): Body<ReleaseRequest>,
) -> Result<StatusCode, Refused> {
    worker.release_job(&holder, request).await?;
    Ok(StatusCode::NO_CONTENT)
}
