//! Problem details over HTTP, and what a router answers when no route does.

use std::{any::Any, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    middleware::from_fn_with_state,
    response::{IntoResponse, Response},
};
use contract::{Problem, Slug};
use http::{
    HeaderValue, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER},
};
use telemetry::Sampler;
use tower_http::catch_panic::CatchPanicLayer;

use crate::access::{self, Stranger};

pub use crate::access::Kind;

/// A problem as a response: `application/problem+json` with the problem's own status.
#[derive(Clone, Debug)]
pub struct ProblemResponse {
    problem: Problem,
    retry_after: Option<Duration>,
    stranger: Option<Stranger>,
}

impl From<Problem> for ProblemResponse {
    fn from(problem: Problem) -> Self {
        Self {
            problem,
            retry_after: None,
            stranger: None,
        }
    }
}

impl ProblemResponse {
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
        let problem = Problem::new(
            Slug::UNAVAILABLE,
            503,
            "Out of reach for the moment",
            detail,
            "Try again after the time in Retry-After.",
        );
        Self::from(problem).retry_after(retry_after)
    }

    /// Switchyard's own fault: status 500. The cause belongs in the log, not in here.
    pub fn internal() -> Self {
        Self::from(Problem::new(
            Slug::INTERNAL,
            500,
            "Something went wrong inside Switchyard",
            "The request was not completed.",
            "Try again; if it fails again, tell the operator the time of the request.",
        ))
    }

    /// The request's body is too large: status 413.
    pub fn too_large(limit: usize) -> Self {
        Self::from(Problem::new(
            Slug::TOO_LARGE,
            413,
            "The body is too large",
            &format!("The body has more than {limit} bytes."),
            "Send a smaller body.",
        ))
    }
}

impl IntoResponse for ProblemResponse {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self.problem).unwrap_or_default();
        let mut response = Response::new(Body::from(body));
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
        response
    }
}

/// Completes a router: unknown paths and methods are problems, and so is a panic, which is logged and ends
/// its own request only. Each request is one line, within a span that every other line of it is in too; of
/// refusals to strangers, `strangers` says which one is.
pub fn complete(router: Router, strangers: Sampler<Kind>) -> Router {
    router
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(Arc::new(strangers), access::tell))
}

async fn not_found() -> ProblemResponse {
    ProblemResponse::from(Problem::new(
        Slug::NOT_FOUND,
        404,
        "No such thing",
        "There is nothing at this address.",
        "Check the path.",
    ))
    .for_stranger("no such route")
}

async fn method_not_allowed() -> ProblemResponse {
    ProblemResponse::from(Problem::new(
        Slug::new("method-not-allowed"),
        405,
        "The method does not apply",
        "This address does not take this method.",
        "Use the methods in the Allow header.",
    ))
    .for_stranger("no such method")
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the layer hands the cause over"
)]
fn panicked(cause: Box<dyn Any + Send>) -> Response {
    tracing::error!(
        panic = panic_text(cause.as_ref()),
        "a request's handler panicked"
    );
    ProblemResponse::internal().into_response()
}

/// The text of a panic, where it has one.
pub(crate) fn panic_text(cause: &(dyn Any + Send)) -> &str {
    let text = cause.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| cause.downcast_ref::<&str>().copied())
        .unwrap_or("no text")
}
