//! Accounts and the rate limit.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::extract::{Asking, At};
use crate::error::Error;
use crate::hub::Hub;
use crate::shape;
use crate::state::accounts;

/// `GET /users/{login}`
pub(super) async fn user(
    State(hub): State<Arc<Hub>>,
    At(login): At<String>,
) -> Result<Json<Value>, Error> {
    let account = hub.read(move |act| accounts::find(act.db, &login)).await?;
    Ok(Json(shape::user(&hub.site, &account)))
}

/// `GET /meta`: where webhooks come from and where git is.
pub(super) async fn meta() -> Json<Value> {
    let here = json!(["127.0.0.0/8", "::1/128"]);
    Json(json!({
        "verifiable_password_authentication": false,
        "hooks": here,
        "web": here,
        "api": here,
        "git": here,
    }))
}

/// `GET /rate_limit`, which costs nothing.
pub(super) async fn rate_limit(State(hub): State<Arc<Hub>>, Asking(caller): Asking) -> Json<Value> {
    let standing = hub.rates.count(&caller.rate_key(), 0, hub.now());
    let core = json!({
        "limit": standing.limit,
        "used": standing.used,
        "remaining": standing.remaining(),
        "reset": standing.reset,
    });
    Json(json!({"resources": {"core": core}, "rate": core}))
}
