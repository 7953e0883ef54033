//! The job that a path names.

use app::WorkerError;
use axum::extract::{FromRequestParts, Path};
use domain::JobId;
use http::request::Parts;
use tracing::{Span, field::display};

use crate::problem::Refused;

/// The job of the path. What is no job's id names no job.
#[derive(Debug)]
pub(crate) struct JobPath(pub(crate) JobId);

impl<S: Send + Sync> FromRequestParts<S> for JobPath {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        let path = Path::<JobId>::from_request_parts(parts, state).await;
        path.map(|Path(job)| {
            Span::current().record("job.id", display(job));
            Self(job)
        })
        .map_err(|_| Refused(WorkerError::NotFound))
    }
}
