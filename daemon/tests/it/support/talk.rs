//! What the provider tells of what was said about issue or pull request 7.

use axum::{
    Json, Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, Uri, header::ACCEPT},
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::{Value, json};

use super::{Hub, hub::HubState, scene::git};

/// A comment as the provider tells it, written at that minute.
pub(crate) fn comment(id: u64, author: &str, minute: u32, text: &str) -> Value {
    json!({
        "id": id,
        "user": {"login": author},
        "author_association": "COLLABORATOR",
        "created_at": format!("2026-11-27T20:{minute:02}:00Z"),
        "updated_at": format!("2026-11-27T20:{minute:02}:00Z"),
        "body": text,
    })
}

/// The routes; the repository has no other numbers.
pub(super) fn routes() -> Router<Hub> {
    Router::new()
        .route("/repos/octo/widgets/issues/7/comments", get(comments))
        .route("/repos/octo/widgets/pulls/7", get(pull))
        .route("/repos/octo/widgets/pulls/7/reviews", get(reviews))
        .route("/repos/octo/widgets/pulls/7/comments", get(review_comments))
        .route("/repos/octo/widgets/compare/{ends}", get(compare))
}

/// Why nothing is told, if nothing is.
fn silence(hub: &Hub, headers: &HeaderMap, uri: &Uri) -> Option<Response> {
    if !hub.admits(headers) {
        return Some(StatusCode::UNAUTHORIZED.into_response());
    }
    let mut state = hub.state.lock();
    state.asked.push(uri.path().to_owned());
    let mute = state.mute?;
    Some(StatusCode::from_u16(mute).unwrap().into_response())
}

fn list(
    hub: &Hub,
    headers: &HeaderMap,
    uri: &Uri,
    of: impl Fn(&HubState) -> Vec<Value>,
) -> Response {
    silence(hub, headers, uri).unwrap_or_else(|| Json(of(&hub.state.lock())).into_response())
}

async fn comments(State(hub): State<Hub>, uri: Uri, headers: HeaderMap) -> Response {
    list(&hub, &headers, &uri, |state| state.comments.clone())
}

async fn reviews(State(hub): State<Hub>, uri: Uri, headers: HeaderMap) -> Response {
    list(&hub, &headers, &uri, |state| state.reviews.clone())
}

async fn review_comments(State(hub): State<Hub>, uri: Uri, headers: HeaderMap) -> Response {
    list(&hub, &headers, &uri, |state| state.review_comments.clone())
}

async fn pull(State(hub): State<Hub>, uri: Uri, headers: HeaderMap) -> Response {
    if let Some(silent) = silence(&hub, &headers, &uri) {
        return silent;
    }
    let ends = ["main", "refs/pull/7/head"];
    if headers[ACCEPT].to_str().unwrap().ends_with("diff") {
        return diff(&hub, &ends.join("..."));
    }
    let of = |name| git(&hub.repository(), &["rev-parse", name]);
    let [base, head] = ends.map(of);
    let state = hub.state.lock();
    Json(json!({
        "head": {"sha": head.trim()},
        "base": {"sha": base.trim()},
        "comments": state.comments.len(),
        "review_comments": state.review_comments.len(),
    }))
    .into_response()
}

async fn compare(
    State(hub): State<Hub>,
    Path(ends): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    silence(&hub, &headers, &uri).unwrap_or_else(|| diff(&hub, &ends))
}

fn diff(hub: &Hub, ends: &str) -> Response {
    git(&hub.repository(), &["diff", ends]).into_response()
}
