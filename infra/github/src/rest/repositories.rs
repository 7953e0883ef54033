//! Repositories and who may do what in them.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use http::HeaderMap;
use serde_json::{Value, json};

use super::extract::{Asking, At, Params};
use super::paging;
use crate::auth::caller::{Caller, Level};
use crate::error::Error;
use crate::hub::Hub;
use crate::shape;
use crate::state::{accounts, installations, permissions, repositories};

/// `GET /repos/{owner}/{repository}`
pub(super) async fn show(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
    At((owner, name)): At<(String, String)>,
) -> Result<Json<Value>, Error> {
    hub.read(move |act| {
        let repository = caller.repository(act, &owner, &name, &["metadata"], Level::Read)?;
        Ok(Json(shape::repository(act.site, &repository)))
    })
    .await
}

/// `GET /repos/{owner}/{repository}/installation`
pub(super) async fn installation(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
    At((owner, name)): At<(String, String)>,
) -> Result<Json<Value>, Error> {
    caller.require_app()?;
    hub.read(move |act| {
        let repository = repositories::find(act.db, &owner, &name)?;
        let id = repository.installation_id.ok_or(Error::NotFound)?;
        let found = installations::find(act.db, id)?;
        shape::installation(act, &found).map(Json)
    })
    .await
}

/// `GET /repos/{owner}/{repository}/collaborators/{login}/permission`
pub(super) async fn permission(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
    At((owner, name, login)): At<(String, String, String)>,
) -> Result<Json<Value>, Error> {
    hub.read(move |act| {
        let repository = caller.repository(act, &owner, &name, &["metadata"], Level::Read)?;
        if matches!(caller, Caller::Anonymous) {
            return Err(Error::Unauthorized("Requires authentication".to_owned()));
        }
        let account = accounts::find(act.db, &login)?;
        let permission = permissions::effective(act.db, &repository, &account)?;
        Ok(Json(json!({
            "permission": permission.legacy_name(),
            "role_name": permission.role_name(),
            "user": shape::user(act.site, &account),
        })))
    })
    .await
}

/// `GET /installation/repositories`
pub(super) async fn accessible(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
    params: Params,
) -> Result<(HeaderMap, Json<Value>), Error> {
    if !matches!(caller, Caller::Installation(_)) {
        return Err(Error::Unauthorized("Bad credentials".to_owned()));
    }
    let all = hub.read(|act| repositories::all(act.db)).await?;
    let mine: Vec<Value> = all
        .iter()
        .filter(|one| caller.may(one, &["metadata"], Level::Read).is_ok())
        .map(|one| shape::repository(&hub.site, one))
        .collect();
    let total = mine.len();
    let url = format!("{}/installation/repositories", hub.site.api());
    let (page, links) = paging::page(mine, &params, &url, &[]);
    Ok((
        links,
        Json(json!({"total_count": total, "repositories": page})),
    ))
}
