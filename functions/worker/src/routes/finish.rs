//! `POST /worker/v1/jobs/{job_id}/finish`

use axum::extract::State;
use contract::worker::FinishRequest;
use http::StatusCode;
use runs::Worker;

use crate::{
    holder::Holder,
    problem::{Body, Refused},
};

/// Ends the job, once.
pub(super) async fn finish(
    State(worker): State<Worker>,
    Holder(holder): Holder,
    Body(request): Body<FinishRequest>,
) -> Result<StatusCode, Refused> {
    worker.finish_job(&holder, request).await?;
    Ok(StatusCode::NO_CONTENT)
}
