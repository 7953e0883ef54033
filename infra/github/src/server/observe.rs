//! What every request passes first: faults are injected and the request is logged.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::json;

use crate::faults::Fault;
use crate::hub::Hub;
use crate::requests::RequestRecord;

/// Marks an answer that must not reach the client.
#[derive(Clone, Copy, Debug)]
pub(super) struct NoAnswer;

/// Injects the fault that meets this request, if any, and logs what was answered.
pub(super) async fn observe(State(hub): State<Arc<Hub>>, request: Request, next: Next) -> Response {
    let method = request.method().to_string();
    let path = request.uri().path().to_owned();
    let fault = hub.faults.take(&method, &path);
    let mut response = match fault {
        None => next.run(request).await,
        Some(fault) => faulted(fault, request, next).await,
    };
    // Its clock may be another one than this machine's; REST has said its own already.
    let time = jiff::fmt::strtime::format("%a, %d %b %Y %H:%M:%S GMT", (hub.clock)());
    if let Some(date) = time.ok().and_then(|text| HeaderValue::from_str(&text).ok()) {
        let headers = response.headers_mut();
        headers.entry(http::header::DATE).or_insert(date);
    }
    let silent = response.extensions().get::<NoAnswer>().is_some();
    let status = if silent {
        0
    } else {
        response.status().as_u16()
    };
    // Open pages ask for their timeline every second, which would drown everything else.
    if !path.ends_with("/timeline") {
        hub.requests.add(RequestRecord {
            method,
            path,
            status,
            faulted: fault.is_some(),
        });
    }
    hub.changed();
    response
}

async fn faulted(fault: Fault, mut request: Request, next: Next) -> Response {
    match fault {
        Fault::Status(code) => {
            let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let reason = status.canonical_reason().unwrap_or("Server Error");
            (status, Json(json!({"message": reason}))).into_response()
        }
        Fault::SecondaryLimit { retry_after } => {
            let seconds = retry_after.map(|wait| ("retry-after", wait.as_secs().to_string()));
            let message = "You have exceeded a secondary rate limit. Please wait a few minutes \
                           before you try again.";
            limited(message, seconds.into_iter())
        }
        Fault::PrimaryLimit { reset } => {
            let headers = [
                ("x-ratelimit-limit", "5000".to_owned()),
                ("x-ratelimit-remaining", "0".to_owned()),
                ("x-ratelimit-used", "5000".to_owned()),
                ("x-ratelimit-reset", reset.as_second().to_string()),
                ("x-ratelimit-resource", "core".to_owned()),
            ];
            limited(
                "API rate limit exceeded for installation.",
                headers.into_iter(),
            )
        }
        Fault::Slow(wait) => {
            tokio::time::sleep(wait).await;
            next.run(request).await
        }
        Fault::Reset => silenced(StatusCode::OK.into_response()),
        Fault::LostAnswer => silenced(next.run(request).await),
        Fault::PushRejected => {
            request.extensions_mut().insert(fault);
            next.run(request).await
        }
    }
}

fn limited(message: &str, values: impl Iterator<Item = (&'static str, String)>) -> Response {
    let mut headers = HeaderMap::new();
    for (name, value) in values {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    let body = json!({
        "message": message,
        "documentation_url":
            "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api",
    });
    (StatusCode::FORBIDDEN, headers, Json(body)).into_response()
}

fn silenced(mut response: Response) -> Response {
    response.extensions_mut().insert(NoAnswer);
    response
}
