//! `POST /worker/v1/jobs/{job_id}/events`

use axum::extract::State;
use contract::worker::EventsRequest;
use http::StatusCode;
use runs::Worker;

use crate::{
    holder::Holder,
    problem::{Body, Refused},
};

/// Stores progress events of the job.
pub(super) async fn events(
    State(worker): State<Worker>,
    Holder(holder): Holder,
    Body(request): Body<EventsRequest>,
) -> Result<StatusCode, Refused> {
    worker.add_events(&holder, request).await?;
    Ok(StatusCode::NO_CONTENT)
}
