//! Branches and references.

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
use crate::state::repositories::Repository;
use crate::text::node_id;

type Target = At<(String, String, String)>;

/// The repository, if the caller may read its code.
pub(super) async fn readable(
    hub: &Hub,
    caller: Caller,
    (owner, name): (String, String),
) -> Result<Repository, Error> {
    hub.read(move |act| caller.repository(act, &owner, &name, &["contents"], Level::Read))
        .await
}

/// `GET /repos/{owner}/{repository}/git/ref/{reference}`
pub(super) async fn reference(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
    At((owner, name, reference)): Target,
) -> Result<Json<Value>, Error> {
    let repository = readable(&hub, caller, (owner, name)).await?;
    let reference = format!("refs/{reference}");
    let sha = hub.git.reference(&repository, &reference).await?;
    let Some(sha) = sha else {
        let empty = hub.git.refs(&repository).await?.is_empty();
        return Err(if empty { Error::Empty } else { Error::NotFound });
    };
    let kind = hub.git.kind(&repository, &sha).await?;
    Ok(Json(shape(&hub, &repository, &reference, &sha, &kind)))
}

/// A reference as the API shows it.
pub(super) fn shape(
    hub: &Hub,
    repository: &Repository,
    reference: &str,
    sha: &str,
    kind: &str,
) -> Value {
    let url = format!("{}/repos/{}/git", hub.site.api(), repository.full_name());
    json!({
        "ref": reference,
        "node_id": node_id("REF", repository.id),
        "url": format!("{url}/{reference}"),
        "object": {"type": kind, "sha": sha, "url": format!("{url}/{kind}s/{sha}")},
    })
}

/// `GET /repos/{owner}/{repository}/branches/{branch}`
pub(super) async fn branch(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
    At((owner, name, branch)): Target,
) -> Result<Json<Value>, Error> {
    let repository = readable(&hub, caller, (owner, name)).await?;
    let sha = hub.git.head(&repository, &branch).await?;
    let sha = sha.ok_or(Error::NotFound)?;
    Ok(Json(brief(&hub, &repository, &branch, &sha)))
}

/// `GET /repos/{owner}/{repository}/branches`
pub(super) async fn list(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
    At((owner, name)): At<(String, String)>,
    params: Params,
) -> Result<(HeaderMap, Json<Vec<Value>>), Error> {
    let repository = readable(&hub, caller, (owner, name)).await?;
    let refs = hub.git.refs(&repository).await?;
    let all = refs.iter().filter_map(|(name, sha)| {
        let branch = name.strip_prefix("refs/heads/")?;
        Some(brief(&hub, &repository, branch, sha))
    });
    let url = format!(
        "{}/repos/{}/branches",
        hub.site.api(),
        repository.full_name()
    );
    let (page, links) = paging::page(all.collect(), &params, &url, &[]);
    Ok((links, Json(page)))
}

fn brief(hub: &Hub, repository: &Repository, branch: &str, sha: &str) -> Value {
    let url = format!("{}/repos/{}", hub.site.api(), repository.full_name());
    json!({
        "name": branch,
        "commit": {"sha": sha, "url": format!("{url}/commits/{sha}")},
        "protected": repository.protected && branch == repository.default_branch,
    })
}
