//! Problem details over HTTP.

use std::time::Duration;

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use contract::{Problem, ProblemKind};
use http::{
    HeaderValue, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER},
};

use crate::stranger::Stranger;

/// A problem as a response: `application/problem+json` with the problem's own status. The function's [`crate::Boundary`] adds
/// the request's id and the address of the problem's page.
#[derive(Clone, Debug)]
pub struct ProblemResponse {
    problem: Problem,
    retry_after: Option<Duration>,
    stranger: Option<Stranger>,
}

impl ProblemResponse {
    /// A problem of a registered kind, with what was wrong this time.
    pub fn new(kind: &ProblemKind, detail: &str) -> Self {
        Self {
            problem: Problem::new(kind, detail),
            retry_after: None,
            stranger: None,
        }
    }

    /// Asks the client to stay away for `time`, in whole seconds.
    #[must_use]
    pub fn retry_after(mut self, time: Duration) -> Self {
        self.retry_after = Some(time);
        self
    }

    /// Says that whoever asked has not proven who they are, and `why` in words that are the same for all of a kind.
    /// Anybody can be answered so as often as they like, so the log tells of one in many, with their number.
    #[must_use]
    pub fn for_stranger(mut self, why: &'static str) -> Self {
        self.stranger = Some(Stranger(why));
        self
    }

    /// Something this needs is out of reach for the moment: status 503.
    pub fn unavailable(detail: &str, retry_after: Duration) -> Self {
        Self::new(ProblemKind::UNAVAILABLE, detail).retry_after(retry_after)
    }

    /// Switchyard's own fault: status 500. The cause belongs in the log, not in here.
    pub fn internal() -> Self {
        Self::new(ProblemKind::INTERNAL, "The request was not completed.")
    }

    /// The request's body is too large: status 413.
    pub fn too_large(limit: usize) -> Self {
        let detail = format!("The body has more than {limit} bytes.");
        Self::new(ProblemKind::TOO_LARGE, &detail)
    }
}

impl IntoResponse for ProblemResponse {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = Response::new(body(&self.problem));
        *response.status_mut() = status;
        if let Some(stranger) = self.stranger {
            response.extensions_mut().insert(stranger);
        }
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(Problem::MEDIA_TYPE));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(time) = self.retry_after {
            headers.insert(RETRY_AFTER, time.as_secs().into());
        }
        response.extensions_mut().insert(self.problem);
        response
    }
}

/// Lets `complete` add to the problem that a response tells of, if it does.
pub(crate) fn amend(response: &mut Response, complete: impl FnOnce(Problem) -> Problem) {
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        *response.body_mut() = body(&complete(problem));
    }
}

fn body(problem: &Problem) -> Body {
    // It is made of texts and numbers, which always have a JSON form.
    Body::from(serde_json::to_vec(problem).unwrap_or_default())
}
