//! What every request to the API passes: who is asking, and how much they have asked already.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use serde_json::json;

use super::answer::DOCUMENTATION;
use super::finish::{Wish, finish};
use super::moved::moved;
use crate::auth::caller::{Caller, authenticate, not_accessible};
use crate::error::Error;
use crate::hub::Hub;
use crate::propagation::{NotYet, Place};
use crate::rates::{ContentLimit, Standing, Wait};
use crate::state::tokens::Token;
use crate::text;

/// Authenticates, counts, lets pass, and adds the headers that every answer has.
pub(super) async fn gate(
    State(hub): State<Arc<Hub>>,
    mut request: Request,
    next: Next,
) -> Response {
    let found = caller(&hub, request.headers()).await;
    // Who could not be identified counts as nobody in particular.
    let key = found
        .as_ref()
        .map_or_else(|_| Caller::Anonymous.rate_key(), Caller::rate_key);
    let cost = u32::from(!request.uri().path().ends_with("/rate_limit"));
    let mut standing = hub.rates.count(&key, cost, hub.now());
    let wish = Wish::of(request.method(), request.headers());
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let response = match found {
        Err(error) => error.into_response(),
        Ok(_) if standing.exceeded() => limited(&key),
        Ok(caller) => {
            let stopped = stopped(&hub, &caller, &method, &uri).await;
            request.extensions_mut().insert(caller);
            match stopped {
                Some(response) => response,
                None => next.run(request).await,
            }
        }
    };
    let mut response = match finish(&wish, response, hub.now()).await {
        Ok(response) => response,
        Err(error) => error.into_response(),
    };
    if response.status() == StatusCode::NOT_MODIFIED && key != Caller::Anonymous.rate_key() {
        standing = hub.rates.forgive(&key, hub.now());
    }
    add_headers(response.headers_mut(), standing);
    response
}

/// What is answered before any handler is asked: the secondary limit, or a redirect.
async fn stopped(hub: &Hub, caller: &Caller, method: &Method, uri: &Uri) -> Option<Response> {
    if let (Caller::Installation(token), false) = (caller, *method == Method::GET) {
        // Giving a token back makes nothing.
        if uri.path().starts_with("/repos/") {
            let over = hub.content.count(token.installation_id, hub.now());
            if let Some((limit, seconds)) = over {
                return Some(too_much(limit, seconds));
            }
        }
    }
    match moved(hub, caller, method, uri).await {
        Ok(redirect) => redirect,
        Err(error) => Some(error.into_response()),
    }
}

fn too_much(limit: ContentLimit, seconds: i64) -> Response {
    let message = "You have exceeded a secondary rate limit and have been temporarily blocked from \
                   content creation. Please retry your request again later.";
    let body = json!({"message": message, "documentation_url": DOCUMENTATION});
    let status = StatusCode::from_u16(limit.status).unwrap_or(StatusCode::FORBIDDEN);
    let mut response = (status, Json(body)).into_response();
    if limit.wait == Wait::Told {
        let seconds = HeaderValue::from(seconds);
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    response
}

async fn caller(hub: &Hub, headers: &HeaderMap) -> Result<Caller, Error> {
    if headers
        .get(header::USER_AGENT)
        .is_none_or(HeaderValue::is_empty)
    {
        let message = "Request forbidden by administrative rules. Please make sure your request \
                       has a User-Agent header.";
        return Err(Error::Forbidden(message.to_owned()));
    }
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Ok(Caller::Anonymous);
    };
    let bad = || Error::Unauthorized("Bad credentials".to_owned());
    let (scheme, credential) = value
        .to_str()
        .ok()
        .and_then(|value| value.split_once(' '))
        .ok_or_else(bad)?;
    if !scheme.eq_ignore_ascii_case("bearer") && !scheme.eq_ignore_ascii_case("token") {
        return Err(bad());
    }
    let caller = authenticate(hub, credential.trim()).await?;
    if let Caller::Installation(token) = &caller {
        known(hub, token)?;
    }
    Ok(caller)
}

/// Refuses a token that the API does not know of yet.
fn known(hub: &Hub, token: &Token) -> Result<(), Error> {
    match hub.fresh.too_early(&token.hash, Place::Rest, hub.now()) {
        None => Ok(()),
        Some(NotYet::Unauthorized) => Err(Error::Unauthorized("Bad credentials".to_owned())),
        Some(NotYet::Forbidden) => Err(not_accessible()),
        Some(NotYet::NotFound) => Err(Error::NotFound),
    }
}

fn limited(caller: &str) -> Response {
    let message = format!("API rate limit exceeded for {caller}.");
    let body = json!({"message": message, "documentation_url": DOCUMENTATION});
    (StatusCode::FORBIDDEN, Json(body)).into_response()
}

fn add_headers(headers: &mut HeaderMap, standing: Standing) {
    let request_id = text::guid().unwrap_or_default().to_uppercase();
    let values = [
        ("x-github-request-id", request_id),
        ("x-github-api-version-selected", "2022-11-28".to_owned()),
        ("x-github-media-type", "github.v3; format=json".to_owned()),
        ("x-ratelimit-limit", standing.limit.to_string()),
        ("x-ratelimit-remaining", standing.remaining().to_string()),
        (
            "x-ratelimit-used",
            standing.used.min(standing.limit).to_string(),
        ),
        ("x-ratelimit-reset", standing.reset.to_string()),
        ("x-ratelimit-resource", "core".to_owned()),
    ];
    for (name, value) in values {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
}
