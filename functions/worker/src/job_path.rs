//! The job that a path names.

use axum::extract::{FromRequestParts, Path};
use contract::log_fields;
use domain::JobId;
use http::request::Parts;
use kit::ProblemResponse;
use tracing::{Span, field::display};

use crate::problem::no_job;

/// The job of the path. What is no job's id names no job.
#[derive(Debug)]
pub(crate) struct JobPath(pub(crate) JobId);

impl<S: Send + Sync> FromRequestParts<S> for JobPath {
    type Rejection = ProblemResponse;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ProblemResponse> {
        let path = Path::<JobId>::from_request_parts(parts, state).await;
        path.map(|Path(job)| {
            Span::current().record(log_fields::JOB_ID, display(job));
            Self(job)
        })
        .map_err(|_| no_job())
    }
}
