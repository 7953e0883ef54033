//! Branches and references.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::extract::{Asking, At};
use crate::auth::caller::{Caller, Level};
use crate::error::Error;
use crate::hub::Hub;
use crate::state::repositories::Repository;
use crate::text::node_id;

type Target = At<(String, String, String)>;

async fn find(
    hub: &Hub,
    caller: Caller,
    (owner, name, branch): &(String, String, String),
) -> Result<(Repository, String), Error> {
    let (owner, name) = (owner.clone(), name.clone());
    let repository = hub
        .read(move |act| caller.repository(act, &owner, &name, &["contents"], Level::Read))
        .await?;
    let sha = hub
        .git
        .head(&repository, branch)
        .await?
        .ok_or(Error::NotFound)?;
    Ok((repository, sha))
}

/// `GET /repos/{owner}/{repository}/git/ref/heads/{branch}`
pub(super) async fn reference(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
    At(target): Target,
) -> Result<Json<Value>, Error> {
    let (repository, sha) = find(&hub, caller, &target).await?;
    let url = format!("{}/repos/{}/git", hub.site.api(), repository.full_name());
    let branch = &target.2;
    Ok(Json(json!({
        "ref": format!("refs/heads/{branch}"),
        "node_id": node_id("REF", repository.id),
        "url": format!("{url}/refs/heads/{branch}"),
        "object": {"type": "commit", "sha": sha, "url": format!("{url}/commits/{sha}")},
    })))
}

/// `GET /repos/{owner}/{repository}/branches/{branch}`
pub(super) async fn branch(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
    At(target): Target,
) -> Result<Json<Value>, Error> {
    let (repository, sha) = find(&hub, caller, &target).await?;
    let url = format!("{}/repos/{}", hub.site.api(), repository.full_name());
    let branch = &target.2;
    Ok(Json(json!({
        "name": branch,
        "commit": {"sha": sha, "url": format!("{url}/commits/{sha}")},
        "protected": repository.protected && *branch == repository.default_branch,
    })))
}
