//! `POST /worker/v1/jobs/{job_id}/heartbeat`

use axum::{Json, extract::State};
use contract::worker::HeartbeatResponse;
use runs::Worker;

use crate::{holder::Holder, problem::Refused};

/// Extends the lease and says whether the work should stop.
pub(super) async fn heartbeat(
    State(worker): State<Worker>,
    Holder(holder): Holder,
) -> Result<Json<HeartbeatResponse>, Refused> {
    Ok(Json(worker.heartbeat(&holder).await?))
}
