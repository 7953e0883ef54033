//! One line for each HTTP request, but for those that anybody could make.

use std::{sync::Arc, time::Instant};

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};
use contract::{log_fields, work_span};
use domain::RequestId;
use http::Method;
use lambda_runtime::Context;
use telemetry::Sampler;
use tracing::{Instrument as _, Span, field::Empty};

use crate::{
    boundary::{Boundary, Kind},
    stranger::Stranger,
};

/// Handles a request in a span that is the boundary of its trace, and tells of it once it is answered. The
/// handler records the ids that it finds out into the current span.
pub(crate) async fn tell(
    State(boundary): State<Arc<Boundary>>,
    request: Request,
    next: Next,
) -> Response {
    let id = of_lambda(&request).unwrap_or_else(|| boundary.mint());
    let route = request.extensions().get::<MatchedPath>();
    // A path that no route knows is written by anybody, so it is not told.
    let route = route.map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    // Any word can be a method.
    let method = match request.method() {
        known @ (&Method::GET
        | &Method::POST
        | &Method::HEAD
        | &Method::PUT
        | &Method::PATCH
        | &Method::DELETE
        | &Method::OPTIONS) => known.as_str().to_owned(),
        _ => "_OTHER".to_owned(),
    };
    let span = work_span!(
        "request",
        request.id = id.as_str(),
        http.request.method = method,
        http.route = route,
        http.response.status_code = Empty,
        otel.kind = "server",
        otel.name = format!("{method} {route}"),
        otel.key = Empty,
        otel.parent = Empty,
        otel.dropped = Empty,
    );
    let strangers = boundary.strangers();
    let answered = answered(strangers, route, request, next);
    let mut response = answered.instrument(span).await;
    tell_the_rest(strangers);
    boundary.mark(&mut response, &id);
    response
}

/// The id that Lambda gave the call that this request is, which its own lines have too.
fn of_lambda(request: &Request) -> Option<RequestId> {
    let context = request.extensions().get::<Context>()?;
    context.request_id.parse().ok()
}

async fn answered(
    strangers: &Sampler<Kind>,
    route: String,
    request: Request,
    next: Next,
) -> Response {
    let since = Instant::now();
    let response = next.run(request).await;
    let (span, status) = (Span::current(), response.status());
    span.record("http.response.status_code", status.as_u16());
    let seconds = since.elapsed().as_secs_f64();
    if status.is_server_error() {
        span.record(log_fields::ERROR_TYPE, status.as_str());
        tracing::warn!(
            metric.CallsFailed = 1_u64,
            duration.seconds = seconds,
            "a request failed"
        );
    } else if let Some(Stranger(why)) = response.extensions().get() {
        if let Some(count) = strangers.count((route, why)) {
            tracing::warn!(
                metric.CallsRefused = count,
                dimension.Reason = why,
                requests = count,
                duration.seconds = seconds,
                "requests were refused, this one the last of them"
            );
        } else {
            // As strangers do not choose how much is logged, they do not choose how much is exported.
            span.record("otel.dropped", "a stranger's");
        }
    } else {
        tracing::info!(duration.seconds = seconds, "a request was answered");
    }
    response
}

/// Tells of the last refusals of a flood that is over. They have nothing to do with the request that happens to
/// come after them.
fn tell_the_rest(strangers: &Sampler<Kind>) {
    for ((route, why), count) in strangers.overdue() {
        tracing::warn!(
            parent: None,
            metric.CallsRefused = count,
            dimension.Reason = why,
            requests = count,
            http.route = route,
            "requests were refused"
        );
    }
}
