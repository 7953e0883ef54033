//! What all pages share: the look, the policy, and the page for errors.

use std::fmt::Write as _;
use std::sync::OnceLock;

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use data_encoding::BASE64;
use http::{HeaderValue, StatusCode, header};
use ring::digest;

use crate::error::Error;

/// The stylesheet inside every page.
pub(crate) const STYLE: &str = include_str!("../../templates/style.css");

/// The script inside every page; pages work without it.
pub(crate) const SCRIPT: &str = include_str!("../../templates/poll.js");

/// Nothing may be loaded or run but the stylesheet and the script whose digests are named.
fn policy() -> &'static str {
    static POLICY: OnceLock<String> = OnceLock::new();
    POLICY.get_or_init(|| {
        let mut policy = "default-src 'none'; connect-src 'self'; form-action 'self'; \
                          base-uri 'none'; frame-ancestors 'none'"
            .to_owned();
        for (directive, text) in [("style-src", STYLE), ("script-src", SCRIPT)] {
            let digest = BASE64.encode(digest::digest(&digest::SHA256, text.as_bytes()).as_ref());
            // Writing to a string cannot fail.
            write!(policy, "; {directive} 'sha256-{digest}'").ok();
        }
        policy
    })
}

/// A page, or the page for the error.
pub(super) fn page<T: Template>(view: Result<T, Error>) -> Response {
    match view {
        Ok(view) => render(StatusCode::OK, &view),
        Err(error) => failure(&error),
    }
}

fn render(status: StatusCode, view: &impl Template) -> Response {
    let Ok(text) = view.render() else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut response = (status, Html(text)).into_response();
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(policy()) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("same-origin"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[derive(Template)]
#[template(path = "failure.html")]
struct Failure {
    status: StatusCode,
    message: String,
}

/// The page for an error.
pub(super) fn failure(error: &Error) -> Response {
    let status = match error {
        Error::TooLarge => StatusCode::NOT_ACCEPTABLE,
        Error::Empty => StatusCode::CONFLICT,
        Error::Gone(_) => StatusCode::GONE,
        Error::NotImplemented(_) => StatusCode::NOT_IMPLEMENTED,
        Error::NotFound => StatusCode::NOT_FOUND,
        Error::BadRequest(_) => StatusCode::BAD_REQUEST,
        Error::Unauthorized(_) | Error::Forbidden(_) => StatusCode::FORBIDDEN,
        Error::Unprocessable(_) | Error::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Error::Database(_)
        | Error::Corrupt(_)
        | Error::Git(_)
        | Error::Process(_)
        | Error::Stopped => {
            tracing::error!(%error, "a page failed");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    };
    render(
        status,
        &Failure {
            status,
            message: error.to_string(),
        },
    )
}

/// The page for an address that is none.
pub(super) async fn nothing() -> Response {
    failure(&Error::NotFound)
}

/// The beginning of a commit id, as pages show it.
pub(super) fn short(sha: &str) -> String {
    sha.chars().take(7).collect()
}
