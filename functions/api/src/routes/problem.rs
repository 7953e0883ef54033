//! `GET /problems/{slug}`

use askama::Template;
use axum::{
    extract::{Path, rejection::PathRejection},
    response::{Html, IntoResponse, Response},
};
use contract::ProblemKind;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, X_CONTENT_TYPE_OPTIONS};
use kit::ProblemResponse;

/// A page needs nothing but its own style.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

#[derive(Template)]
#[template(path = "problem.html")]
struct Page {
    kind: &'static ProblemKind,
    slug: String,
}

/// Shows what a kind of problem means and what to do about it.
pub(super) async fn page(
    slug: Result<Path<String>, PathRejection>,
) -> Result<Response, ProblemResponse> {
    // A path that is no text names no problem either.
    let kind = slug.ok().and_then(|Path(slug)| ProblemKind::of(&slug));
    let kind = kind.ok_or_else(unknown)?;
    let slug = kind.slug().to_string();
    let page = Page { kind, slug }.render();
    let page = page.map_err(|_| ProblemResponse::internal())?;
    let headers = [
        (CACHE_CONTROL, "public, max-age=300"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    Ok((headers, Html(page)).into_response())
}

fn unknown() -> ProblemResponse {
    let detail = "There is no problem of this name.";
    ProblemResponse::new(ProblemKind::NOT_FOUND, detail).for_stranger("no such problem")
}
