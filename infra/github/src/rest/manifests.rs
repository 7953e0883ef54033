//! Exchanging the code of a manifest for the app that it registered.
//!
//! The simulation has one app and one key, which everyone who exchanges a code is given; the name, the
//! permissions, the events and the webhook become what the manifest says.

use std::sync::{Arc, PoisonError};

use axum::Json;
use axum::extract::State;
use data_encoding::HEXLOWER;
use http::StatusCode;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::extract::At;
use crate::error::Error;
use crate::hub::Hub;
use crate::manifests::Manifest;
use crate::shape;
use crate::site::Registration;
use crate::state::accounts::{self, AccountKind};
use crate::text;

/// `POST /app-manifests/{code}/conversions`, which needs no credentials: the code is one.
pub(super) async fn convert(
    State(hub): State<Arc<Hub>>,
    At(code): At<String>,
) -> Result<(StatusCode, Json<Value>), Error> {
    let now = hub.now();
    let waiting = hub.manifests.take(&code, now).ok_or(Error::NotFound)?;
    let secret = HEXLOWER.encode(&text::random::<20>()?);
    register(&hub, &waiting.manifest, &secret);
    let owner = waiting.owner.clone();
    let owner = hub
        .write(move |act| accounts::ensure(act.db, &owner, AccountKind::User))
        .await?;
    let mut answer = shape::app(&hub.site);
    let more = json!({
        "owner": shape::user(&hub.site, &owner),
        "external_url": waiting.manifest.url.as_str(),
        "created_at": text::time(now),
        "updated_at": text::time(now),
        "client_secret": HEXLOWER.encode(&text::random::<20>()?),
        "webhook_secret": waiting.manifest.hook_attributes.is_some().then_some(secret),
        "pem": hub.key_pem.expose_secret(),
    });
    if let (Some(answer), Value::Object(more)) = (answer.as_object_mut(), more) {
        answer.extend(more);
    }
    Ok((StatusCode::CREATED, Json(answer)))
}

fn register(hub: &Hub, manifest: &Manifest, secret: &str) {
    let registration = Registration {
        name: manifest.name.clone(),
        permissions: manifest.default_permissions.clone(),
        events: manifest.default_events.clone(),
        accepted: None,
    };
    *hub.site
        .registration
        .lock()
        .unwrap_or_else(PoisonError::into_inner) = registration;
    let url = manifest
        .hook_attributes
        .as_ref()
        .map(|hook| hook.url.clone());
    *hub.hook
        .secret
        .lock()
        .unwrap_or_else(PoisonError::into_inner) = secret.into();
    hub.set_webhook_url(url);
}
