//! Refusals as problem details.

use std::time::Duration;

use axum::{
    Json,
    extract::{FromRequest, Request, rejection::JsonRejection},
    response::{IntoResponse, Response},
};
use contract::{ProblemKind, worker::CancelReason};
use jiff::SignedDuration;
use kit::ProblemResponse;
use runs::{Unproven, WorkerError};

const RETRY_AFTER: Duration = Duration::from_secs(5);

/// A refusal on its way to becoming a response.
#[derive(Debug)]
pub(crate) struct Refused(pub(crate) WorkerError);

impl From<WorkerError> for Refused {
    fn from(error: WorkerError) -> Self {
        Self(error)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let problem = problem_of(&self.0);
        match stranger(&self.0) {
            Some(why) => problem.for_stranger(why),
            None => problem,
        }
        .into_response()
    }
}

/// Why a call is refused, if whoever made it has not proven to be a daemon with this job.
fn stranger(error: &WorkerError) -> Option<&'static str> {
    match error {
        WorkerError::Unauthorized => Some("no token for this"),
        WorkerError::Unproven(Unproven::Key) => Some("claim without the daemons' key"),
        WorkerError::Unproven(Unproven::Time { .. }) => Some("claim from another time"),
        WorkerError::NotFound
        | WorkerError::Leased { .. }
        | WorkerError::Waiting { .. }
        | WorkerError::Stale
        | WorkerError::Finished
        | WorkerError::Stopping(_)
        | WorkerError::Invalid { .. }
        | WorkerError::RepositoryRefused
        | WorkerError::App(_) => None,
    }
}

fn problem_of(error: &WorkerError) -> ProblemResponse {
    let problem = |kind| ProblemResponse::new(kind, &error.to_string());
    match error {
        WorkerError::Unauthorized => problem(ProblemKind::UNAUTHORIZED),
        WorkerError::Unproven(_) => problem(ProblemKind::DAEMON_UNPROVEN),
        WorkerError::NotFound => problem(ProblemKind::NOT_FOUND),
        WorkerError::Leased { .. } => problem(ProblemKind::JOB_LEASED),
        WorkerError::Waiting { left, .. } => {
            problem(ProblemKind::JOB_WAITING).retry_after(whole_seconds(*left))
        }
        WorkerError::Stale => problem(ProblemKind::LEASE_STALE),
        WorkerError::Stopping(CancelReason::Requested) => problem(ProblemKind::JOB_CANCELLED),
        WorkerError::Stopping(CancelReason::Expired) => problem(ProblemKind::JOB_EXPIRED),
        WorkerError::Finished => problem(ProblemKind::JOB_FINISHED),
        WorkerError::Invalid { .. } => problem(ProblemKind::JOB_MISMATCH),
        WorkerError::RepositoryRefused => problem(ProblemKind::REPOSITORY_REFUSED),
        WorkerError::App(error) => {
            tracing::error!(%error, "a daemon's call could not be answered");
            ProblemResponse::unavailable("Something this needs is out of reach.", RETRY_AFTER)
        }
    }
}

/// A time in whole seconds, rounded up.
fn whole_seconds(time: SignedDuration) -> Duration {
    let millis = u64::try_from(time.as_millis()).unwrap_or_default();
    Duration::from_secs(millis.div_ceil(1_000))
}

/// A path that names no job. Nobody has looked at a token then.
pub(crate) fn no_job() -> ProblemResponse {
    problem_of(&WorkerError::NotFound).for_stranger("no job's id")
}

/// A JSON body whose rejection is a problem too.
#[derive(Debug)]
pub(crate) struct Body<T>(pub(crate) T);

impl<S: Send + Sync, T> FromRequest<S> for Body<T>
where
    Json<T>: FromRequest<S, Rejection = JsonRejection>,
{
    type Rejection = ProblemResponse;

    async fn from_request(request: Request, state: &S) -> Result<Self, ProblemResponse> {
        match Json::<T>::from_request(request, state).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(rejection) if rejection.status().as_u16() == 413 => {
                Err(ProblemResponse::too_large(contract::worker::REQUEST_LIMIT))
            }
            Err(rejection) => Err(ProblemResponse::new(
                ProblemKind::INVALID_REQUEST,
                &rejection.body_text(),
            )),
        }
    }
}

/// The body of somebody whose token nobody has looked at.
#[derive(Debug)]
pub(crate) struct StrangersBody<T>(pub(crate) T);

impl<S: Send + Sync, T> FromRequest<S> for StrangersBody<T>
where
    Body<T>: FromRequest<S, Rejection = ProblemResponse>,
{
    type Rejection = ProblemResponse;

    async fn from_request(request: Request, state: &S) -> Result<Self, ProblemResponse> {
        match Body::<T>::from_request(request, state).await {
            Ok(Body(body)) => Ok(Self(body)),
            Err(problem) => Err(problem.for_stranger("no such body")),
        }
    }
}
