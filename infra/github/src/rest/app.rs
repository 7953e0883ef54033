//! The app, its installations and their tokens.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::extract::{Asking, At, Params, Payload};
use super::paging;
use crate::actions::token::{self, Wish};
use crate::auth::caller::Caller;
use crate::error::Error;
use crate::hub::Hub;
use crate::shape;
use crate::state::{installations, tokens};
use crate::text::time;

#[derive(Default, Deserialize)]
pub(super) struct TokenRequest {
    repositories: Option<Vec<String>>,
    repository_ids: Option<Vec<u64>>,
    permissions: Option<tokens::Permissions>,
}

/// `GET /app`
pub(super) async fn show(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
) -> Result<Json<Value>, Error> {
    caller.require_app()?;
    let count = hub
        .read(|act| Ok(installations::all(act.db)?.len()))
        .await?;
    let mut app = shape::app(&hub.site);
    app["installations_count"] = count.into();
    Ok(Json(app))
}

/// `GET /app/installations`
pub(super) async fn installations(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
    params: Params,
) -> Result<(HeaderMap, Json<Vec<Value>>), Error> {
    caller.require_app()?;
    let all = hub.read(|act| {
        let all = installations::all(act.db)?;
        let shapes = all.iter().map(|one| shape::installation(act, one));
        shapes.collect::<Result<Vec<Value>, _>>()
    });
    let all = all.await?;
    let url = format!("{}/app/installations", hub.site.api());
    let (page, links) = paging::page(all, &params, &url, &[]);
    Ok((links, Json(page)))
}

/// `GET /app/installations/{id}`
pub(super) async fn installation(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
    At(id): At<u64>,
) -> Result<Json<Value>, Error> {
    caller.require_app()?;
    hub.read(move |act| {
        let found = installations::find(act.db, id)?;
        shape::installation(act, &found).map(Json)
    })
    .await
}

/// `POST /app/installations/{id}/access_tokens`
pub(super) async fn mint(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
    At(id): At<u64>,
    Payload(request): Payload<TokenRequest>,
) -> Result<(StatusCode, Json<Value>), Error> {
    caller.require_app()?;
    let TokenRequest {
        repositories,
        repository_ids,
        permissions,
    } = request;
    let wish = Wish {
        repositories,
        repository_ids,
        permissions,
    };
    let minted = hub.write(move |act| token::mint(act, id, &wish)).await?;
    let made_at = minted.token.created_at;
    hub.fresh.born(minted.token.hash.clone(), made_at);
    let mut answer = json!({
        "token": minted.value,
        "expires_at": time(minted.token.expires_at),
        "permissions": minted.token.permissions,
        "repository_selection": "all",
    });
    if let Some(repositories) = minted.repositories {
        let list = repositories
            .iter()
            .map(|one| shape::repository(&hub.site, one))
            .collect();
        answer["repository_selection"] = "selected".into();
        answer["repositories"] = Value::Array(list);
    }
    Ok((StatusCode::CREATED, Json(answer)))
}

/// `DELETE /installation/token`
pub(super) async fn revoke(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
) -> Result<StatusCode, Error> {
    let Caller::Installation(token) = caller else {
        return Err(Error::Unauthorized("Bad credentials".to_owned()));
    };
    hub.write(move |act| tokens::revoke(act.db, &token.hash))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
