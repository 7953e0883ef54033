//! `POST /worker/v1/jobs/{job_id}/heartbeat`

use axum::{Json, extract::State};
use contract::worker::HeartbeatResponse;
use runs::Worker;
use secrecy::ExposeSecret;

use crate::{bearer::Bearer, job_path::JobPath, problem::Refused};

/// Extends the lease and says whether the work should stop.
pub(super) async fn heartbeat(
    State(worker): State<Worker>,
    JobPath(job): JobPath,
    Bearer(token): Bearer,
) -> Result<Json<HeartbeatResponse>, Refused> {
    Ok(Json(worker.heartbeat(token.expose_secret(), job).await?))
}
