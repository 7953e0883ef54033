//! `POST /worker/v1/jobs/{job_id}/heartbeat`

use app::Worker;
use axum::{
    Json,
    extract::{Path, State},
};
use contract::worker::HeartbeatResponse;
use domain::JobId;
use secrecy::ExposeSecret;

use crate::{bearer::Bearer, problem::Refused};

/// Extends the lease and says whether the work should stop.
pub(super) async fn heartbeat(
    State(worker): State<Worker>,
    Path(job): Path<JobId>,
    Bearer(token): Bearer,
) -> Result<Json<HeartbeatResponse>, Refused> {
    Ok(Json(worker.heartbeat(token.expose_secret(), job).await?))
}
