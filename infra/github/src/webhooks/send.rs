//! One webhook over HTTP.

use std::fmt::Write as _;
use std::sync::PoisonError;

use http::{HeaderMap, HeaderName, HeaderValue};
use secrecy::ExposeSecret;
use serde_json::{Map, Value};
use tokio::time::Instant;

use super::signature::{sign_sha1, sign_sha256};
use crate::config::HookContentType;
use crate::hub::Hub;
use crate::state::deliveries::{Delivery, Outcome};

/// How much of an answer's body is kept, in bytes.
const KEPT_BODY: usize = 64 * 1024;

/// The client that sends webhooks. It follows no redirects, as GitHub does not.
#[expect(
    clippy::disallowed_methods,
    reason = "the simulation stands outside the product and shares no code with its guarded client"
)]
pub(crate) fn client() -> Result<reqwest::Client, reqwest::Error> {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Losing the race to another thread is fine: then there is a provider.
        rustls::crypto::ring::default_provider()
            .install_default()
            .ok();
    }
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
}

/// Sends a delivery once; `None` if there is nowhere to send it.
pub(crate) async fn send(hub: &Hub, delivery: &Delivery) -> Option<Outcome> {
    let url = hub
        .hook
        .url
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone()?;
    let body = body(hub, delivery);
    let headers = headers(hub, delivery, body.as_bytes());
    let sent_headers = as_json(&headers);
    let started = Instant::now();
    let exchange = async {
        let response = hub
            .hook
            .client
            .post(url)
            .headers(headers)
            .body(body)
            .send()
            .await?;
        let (status, headers) = (response.status(), as_json(response.headers()));
        let text = response.text().await?;
        Ok::<_, reqwest::Error>((status, headers, text))
    };
    let answer = tokio::time::timeout(hub.hook.timeout, exchange).await;
    let (status, status_code, response_headers, response_body) = match answer {
        Ok(Ok((status, headers, text))) if status.is_success() => {
            ("OK".to_owned(), status.as_u16(), headers, text)
        }
        Ok(Ok((status, headers, text))) => {
            let code = status.as_u16();
            (
                format!("Invalid HTTP Response: {code}"),
                code,
                headers,
                text,
            )
        }
        Ok(Err(_)) => (
            "failed to connect to host".to_owned(),
            502,
            String::new(),
            String::new(),
        ),
        Err(_) => ("timed out".to_owned(), 504, String::new(), String::new()),
    };
    Some(Outcome {
        delivered_at: hub.now(),
        duration_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        status,
        status_code,
        request_headers: sent_headers,
        response_headers,
        response_body: response_body.chars().take(KEPT_BODY).collect(),
    })
}

fn content_type(hub: &Hub) -> HookContentType {
    *hub.hook
        .content_type
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
}

fn body(hub: &Hub, delivery: &Delivery) -> String {
    match content_type(hub) {
        HookContentType::Json => delivery.payload.clone(),
        HookContentType::Form => form_urlencoded::Serializer::new(String::new())
            .append_pair("payload", &delivery.payload)
            .finish(),
    }
}

fn headers(hub: &Hub, delivery: &Delivery, body: &[u8]) -> HeaderMap {
    let secret = hub
        .hook
        .secret
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    let secret = secret.expose_secret().as_bytes();
    let content_type = match content_type(hub) {
        HookContentType::Json => "application/json",
        HookContentType::Form => "application/x-www-form-urlencoded",
    };
    let mut agent = "GitHub-Hookshot/".to_owned();
    // Writing to a string cannot fail.
    write!(agent, "{:07x}", hub.site.app_id & 0x0fff_ffff).ok();
    let app_id = hub.site.app_id.to_string();
    let values = [
        ("accept", "*/*".to_owned()),
        ("content-type", content_type.to_owned()),
        ("user-agent", agent),
        ("x-github-delivery", delivery.guid.clone()),
        ("x-github-event", delivery.event.clone()),
        ("x-github-hook-id", app_id.clone()),
        ("x-github-hook-installation-target-id", app_id),
        (
            "x-github-hook-installation-target-type",
            "integration".to_owned(),
        ),
        ("x-hub-signature", sign_sha1(secret, body)),
        ("x-hub-signature-256", sign_sha256(secret, body)),
    ];
    let mut headers = HeaderMap::new();
    for (name, value) in values {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    headers
}

fn as_json(headers: &HeaderMap) -> String {
    let mut object = Map::new();
    for (name, value) in headers {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        object.insert(name.as_str().to_owned(), value.into());
    }
    Value::Object(object).to_string()
}
