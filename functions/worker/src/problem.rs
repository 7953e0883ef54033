//! Refusals as problem details.

use std::time::Duration;

use axum::{
    Json,
    extract::{FromRequest, Request, rejection::JsonRejection},
    response::{IntoResponse, Response},
};
use contract::{Problem, Slug, worker::CancelReason};
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
    let problem = |code, status, title, solution| {
        ProblemResponse::from(Problem::new(
            code,
            status,
            title,
            &error.to_string(),
            solution,
        ))
    };
    match error {
        WorkerError::Unauthorized => problem(
            Slug::UNAUTHORIZED,
            401,
            "Not allowed",
            "Send the token that came with the job or its claim; if it has expired, drop the job.",
        ),
        WorkerError::Unproven(_) => problem(
            Slug::DAEMON_UNPROVEN,
            401,
            "Not a daemon of this deployment",
            "Give the daemon the SWITCHYARD_DAEMON_KEY that the worker function has, and see that its clock is right.",
        ),
        WorkerError::NotFound => problem(
            Slug::NOT_FOUND,
            404,
            "No such job",
            "Drop the message: nobody waits for it.",
        ),
        WorkerError::Leased { .. } => problem(
            Slug::JOB_LEASED,
            409,
            "Another daemon holds the job",
            "Delete this copy of the message: the other daemon is alive and has one of its own.",
        ),
        WorkerError::Waiting { left, .. } => problem(
            Slug::JOB_WAITING,
            409,
            "Nobody may have the job yet",
            "Hide the message for the time in Retry-After.",
        )
        .retry_after(whole_seconds(*left)),
        WorkerError::Stale => problem(
            Slug::LEASE_STALE,
            409,
            "Another daemon has taken the job over",
            "Drop the work without pushing or reporting anything.",
        ),
        WorkerError::Stopping(reason) => problem(
            stopping(*reason),
            409,
            "The run is to stop",
            "End the work, and report the outcome that this asks for.",
        ),
        WorkerError::Finished => problem(
            Slug::JOB_FINISHED,
            409,
            "The job has ended",
            "Drop the work and delete the message.",
        ),
        WorkerError::Invalid { .. } => problem(
            Slug::INVALID_REQUEST,
            422,
            "The request does not fit the job",
            "Send what the worker protocol says for this job.",
        ),
        WorkerError::RepositoryRefused => problem(
            Slug::REPOSITORY_REFUSED,
            403,
            "The repository is out of reach",
            "End the job as failed; the app's installation has to be mended first.",
        ),
        WorkerError::App(error) => {
            tracing::error!(%error, "a daemon's call could not be answered");
            ProblemResponse::unavailable("Something this needs is out of reach.", RETRY_AFTER)
        }
    }
}

/// What a run is called that is to stop.
const fn stopping(reason: CancelReason) -> Slug {
    match reason {
        CancelReason::Requested => Slug::JOB_CANCELLED,
        CancelReason::Expired => Slug::JOB_EXPIRED,
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

/// A JSON body whose rejection is a problem too. Nobody has looked at the token by then.
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
                let problem = ProblemResponse::too_large(contract::worker::REQUEST_LIMIT);
                Err(problem.for_stranger("body too large"))
            }
            Err(rejection) => Err(ProblemResponse::from(Problem::new(
                Slug::INVALID_REQUEST,
                400,
                "The request's body is not what this route takes",
                &rejection.body_text(),
                "Send the JSON document that the worker protocol describes.",
            ))
            .for_stranger("no such body")),
        }
    }
}
