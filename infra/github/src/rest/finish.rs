//! What every answer of the API gets on its way out: the time, an entity tag, where a new thing is,
//! and rendered bodies for whoever asks for them.

use axum::body::{Body, to_bytes};
use axum::response::{IntoResponse, Response};
use http::header::{ACCEPT, CONTENT_TYPE, DATE, ETAG, IF_NONE_MATCH, LOCATION};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use serde_json::Value;

use crate::error::Error;
use crate::pages::markdown;
use crate::text;

/// Bytes that an answer may have.
const LARGEST: usize = 256 * 1024 * 1024;

/// What is asked for besides the address.
pub(super) struct Wish {
    reads: bool,
    known: Option<HeaderValue>,
    accept: String,
}

impl Wish {
    pub(super) fn of(method: &Method, headers: &HeaderMap) -> Self {
        let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok());
        Self {
            reads: *method == Method::GET,
            known: headers.get(IF_NONE_MATCH).cloned(),
            accept: accept.unwrap_or_default().to_owned(),
        }
    }

    /// Whether bodies are wanted as HTML or plain text besides.
    fn rendered(&self) -> bool {
        [".full", ".html", ".text"]
            .iter()
            .any(|kind| self.accept.contains(&format!("{kind}+json")))
    }
}

/// Puts the finishing touches to an answer. It is 304 if the caller has the same already.
pub(super) async fn finish(wish: &Wish, response: Response, now: i64) -> Result<Response, Error> {
    let (mut parts, body) = response.into_parts();
    if let Some(date) = date(now) {
        parts.headers.insert(DATE, date);
    }
    let json = parts
        .headers
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    let bytes = to_bytes(body, LARGEST)
        .await
        .map_err(|error| Error::Corrupt(error.to_string()))?;
    let mut bytes = bytes.to_vec();
    if json {
        let kind = HeaderValue::from_static("application/json; charset=utf-8");
        parts.headers.insert(CONTENT_TYPE, kind);
    }
    if json && parts.status.is_success() && (wish.rendered() || parts.status == StatusCode::CREATED)
    {
        let mut value: Value = serde_json::from_slice(&bytes)?;
        if let (StatusCode::CREATED, Some(url)) = (parts.status, value["url"].as_str()) {
            parts
                .headers
                .extend(HeaderValue::from_str(url).ok().map(|url| (LOCATION, url)));
        }
        if wish.rendered() {
            render(&mut value);
            bytes = serde_json::to_vec(&value)?;
        }
    }
    if wish.reads && parts.status == StatusCode::OK {
        let tag = format!("W/\"{}\"", text::sha256_hex(&bytes));
        if let Ok(tag) = HeaderValue::from_str(&tag) {
            if wish.known.as_ref() == Some(&tag) {
                parts.status = StatusCode::NOT_MODIFIED;
                parts.headers.remove(CONTENT_TYPE);
                bytes.clear();
            }
            parts.headers.insert(ETAG, tag);
        }
        let cache = HeaderValue::from_static("private, max-age=60, s-maxage=60");
        parts.headers.insert("cache-control", cache);
    }
    Ok((parts, Body::from(bytes)).into_response())
}

/// The time as HTTP writes it.
fn date(now: i64) -> Option<HeaderValue> {
    let time = Timestamp::from_second(now).ok()?;
    let text = DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&time)
        .ok()?;
    HeaderValue::from_str(&text).ok()
}

/// Adds the HTML and the plain text of every Markdown body.
fn render(value: &mut Value) {
    match value {
        Value::Array(all) => all.iter_mut().for_each(render),
        Value::Object(fields) => {
            fields.values_mut().for_each(render);
            if let Some(body) = fields
                .get("body")
                .and_then(Value::as_str)
                .map(str::to_owned)
            {
                fields.insert("body_html".to_owned(), markdown::render(&body).into());
                fields.insert("body_text".to_owned(), body.into());
            }
        }
        _ => {}
    }
}
