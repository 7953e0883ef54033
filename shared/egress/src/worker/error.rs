//! What the refusals of the worker protocol mean.

use std::time::Duration;

use contract::{Problem, Slug, worker::CancelReason};
use http::StatusCode;

use crate::{HttpError, Response};

/// How long a message is hidden whose wait is not said.
const UNSAID: Duration = Duration::from_secs(30);

/// Why a call of the worker protocol failed. Each variant is another thing to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WorkerError {
    /// Another daemon holds the job now: drop the work.
    #[error("another daemon holds the job")]
    LeaseStale,
    /// The job has ended: drop the work and the message.
    #[error("the job has ended")]
    JobFinished,
    /// Another daemon holds the job and is alive: delete this copy of the message.
    #[error("another daemon holds the job")]
    JobLeased,
    /// Nobody may have the job yet: hide the message for that long.
    #[error("the job waits for {} s", .retry_after.as_secs())]
    JobWaiting {
        /// How long it takes until it can be claimed.
        retry_after: Duration,
    },
    /// The run is to stop: end the work and report the outcome that this asks for.
    #[error("the run is to stop")]
    JobStopping(CancelReason),
    /// The token is not good for this: drop the work and the message.
    #[error("the token is not accepted")]
    Unauthorized,
    /// The daemon's key is not the one that the API knows, or the daemon's clock is far off: leave the message to
    /// others; an operator has to mend this daemon.
    #[error("the daemon's key is not accepted, or its clock is far off")]
    Unproven,
    /// There is no such job: drop the message.
    #[error("there is no such job")]
    NotFound,
    /// The API does not take the request as it is; trying again does not help.
    #[error("the request is refused: {}", .0.code)]
    Refused(Box<Problem>),
    /// The API is out of reach or fails by itself: try again.
    #[error("the API is unavailable: {reason}")]
    Unavailable {
        /// What happened, for the log.
        reason: String,
        /// How long the API asks to be left alone.
        retry_after: Option<Duration>,
    },
    /// The client's settings forbid the call, as when the API's address is not one that may be reached.
    #[error("the worker API's settings are wrong: {reason}")]
    Misconfigured {
        /// What is wrong, for the operator.
        reason: String,
    },
    /// An answer that makes no sense here.
    #[error("the API's answer is unexpected: {reason}")]
    Unexpected {
        /// What was odd about it, for the log.
        reason: String,
    },
}

impl WorkerError {
    /// Whether the same call may succeed later.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }

    /// Reads an answer that is not a success.
    pub(super) fn from_response(response: &Response) -> Self {
        let status = response.status;
        if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
            return Self::Unavailable {
                reason: status.to_string(),
                retry_after: retry_after(response),
            };
        }
        match response.json::<Problem>() {
            Ok(problem) if problem.code == Slug::JOB_WAITING => Self::JobWaiting {
                retry_after: retry_after(response).unwrap_or(UNSAID),
            },
            Ok(problem) => Self::from_problem(problem),
            Err(_) => Self::Unexpected {
                reason: format!("status {status} without a problem"),
            },
        }
    }

    fn from_problem(problem: Problem) -> Self {
        let known = [
            (Slug::LEASE_STALE, Self::LeaseStale),
            (Slug::JOB_FINISHED, Self::JobFinished),
            (Slug::JOB_LEASED, Self::JobLeased),
            (
                Slug::JOB_CANCELLED,
                Self::JobStopping(CancelReason::Requested),
            ),
            (Slug::JOB_EXPIRED, Self::JobStopping(CancelReason::Expired)),
            (Slug::UNAUTHORIZED, Self::Unauthorized),
            (Slug::DAEMON_UNPROVEN, Self::Unproven),
            (Slug::NOT_FOUND, Self::NotFound),
        ];
        known
            .into_iter()
            .find(|(slug, _)| *slug == problem.code)
            .map_or_else(|| Self::Refused(Box::new(problem)), |(_, error)| error)
    }
}

fn retry_after(response: &Response) -> Option<Duration> {
    let text = response.header("retry-after")?;
    text.trim().parse().ok().map(Duration::from_secs)
}

impl From<HttpError> for WorkerError {
    fn from(error: HttpError) -> Self {
        let reason = error.to_string();
        match error {
            HttpError::TimedOut | HttpError::Unreachable(_) | HttpError::Broken(_) => {
                Self::Unavailable {
                    reason,
                    retry_after: None,
                }
            }
            HttpError::Refused(_) => Self::Misconfigured { reason },
            HttpError::TooLarge { .. } | HttpError::Unsendable => Self::Unexpected { reason },
        }
    }
}
