//! Where the app's webhooks go, and what they are signed with.

use std::sync::{Arc, PoisonError};

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::extract::{Asking, Payload};
use crate::config::HookContentType;
use crate::error::Error;
use crate::hub::Hub;

/// What may be changed; what is left out stays.
#[derive(Default, Deserialize)]
pub(super) struct Change {
    url: Option<String>,
    content_type: Option<String>,
    secret: Option<String>,
}

/// `GET /app/hook/config`
pub(super) async fn show(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
) -> Result<Json<Value>, Error> {
    caller.require_app()?;
    Ok(Json(shape(&hub)))
}

/// `PATCH /app/hook/config`
pub(super) async fn edit(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
    Payload(change): Payload<Change>,
) -> Result<Json<Value>, Error> {
    caller.require_app()?;
    let url = change.url.as_deref().map(Url::parse).transpose();
    let url = url.map_err(|_| Error::Unprocessable("Hook url is not valid".to_owned()))?;
    if url.is_some() {
        hub.set_webhook_url(url);
    }
    // Anything but `json` is a form, as GitHub's default is.
    if let Some(name) = change.content_type {
        let content_type = match name.as_str() {
            "json" => HookContentType::Json,
            _ => HookContentType::Form,
        };
        *hub.hook
            .content_type
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = content_type;
    }
    if let Some(secret) = change.secret {
        *hub.hook
            .secret
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = secret.into();
    }
    hub.changed();
    Ok(Json(shape(&hub)))
}

/// The secret is there, and is shown to nobody.
fn shape(hub: &Hub) -> Value {
    let url = hub.hook.url.lock().unwrap_or_else(PoisonError::into_inner);
    let content_type = hub.hook.content_type.lock();
    let content_type = match *content_type.unwrap_or_else(PoisonError::into_inner) {
        HookContentType::Json => "json",
        HookContentType::Form => "form",
    };
    json!({
        "content_type": content_type,
        "secret": "********",
        "url": url.as_ref().map(Url::as_str),
        "insecure_ssl": "0",
    })
}
