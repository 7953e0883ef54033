//! `GET /openapi.json`

use axum::response::IntoResponse;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use public::OPENAPI;

/// Serves the document that is committed.
pub(super) async fn openapi() -> impl IntoResponse {
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (CACHE_CONTROL, "public, max-age=300"),
    ];
    (headers, OPENAPI)
}
