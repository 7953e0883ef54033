//! One line for each HTTP request.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::Response,
};
use tracing::{Instrument as _, Span, field::Empty, info_span};

/// Handles a request in a span that is the boundary of its trace, and tells of it once it is answered. The
/// handler records the ids that it finds out into the current span.
pub(crate) async fn tell(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>();
    // A path that no route knows is written by anybody, so it is not told.
    let route = route.map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    let method = request.method().clone();
    let span = info_span!(
        "request",
        trace.id = Empty,
        delivery.id = Empty,
        tenant.id = Empty,
        run.id = Empty,
        job.id = Empty,
        http.request.method = %method,
        http.route = route,
        http.response.status_code = Empty,
        "error.type" = Empty,
        otel.kind = "server",
        otel.name = format!("{method} {route}"),
        otel.key = Empty,
        otel.parent = Empty,
    );
    answered(request, next).instrument(span).await
}

async fn answered(request: Request, next: Next) -> Response {
    let since = Instant::now();
    let response = next.run(request).await;
    let (span, status) = (Span::current(), response.status());
    span.record("http.response.status_code", status.as_u16());
    let seconds = since.elapsed().as_secs_f64();
    if status.is_server_error() {
        span.record("error.type", status.as_str());
        tracing::warn!(
            metric.CallsFailed = 1_u64,
            duration.seconds = seconds,
            "a request failed"
        );
    } else {
        tracing::info!(duration.seconds = seconds, "a request was answered");
    }
    response
}
