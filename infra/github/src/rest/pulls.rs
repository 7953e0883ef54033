//! Pull requests.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde_json::Value;

use super::extract::{Asking, At, Params, Payload};
use super::issues::IssueEdit;
use super::paging;
use crate::actions::pull::{self, NewPull};
use crate::actions::{Act, issue};
use crate::auth::caller::{Caller, Level};
use crate::error::Error;
use crate::git::changes::Form;
use crate::git::pulls::follow;
use crate::hub::Hub;
use crate::propagation::{Place, branch_key};
use crate::shape;
use crate::state::issues::{self, Issue, Pull};
use crate::state::repositories::Repository;
use crate::state::reviews;

const PERMISSION: &[&str] = &["pull_requests"];

#[derive(Deserialize)]
pub(super) struct PullRequest {
    #[serde(default)]
    title: String,
    #[serde(default)]
    head: String,
    #[serde(default)]
    base: String,
    body: Option<String>,
    #[serde(default)]
    draft: bool,
}

type One = At<(String, String, u64)>;

/// The pull request, if the caller may do `level` with it.
pub(super) fn subject(
    act: &Act<'_>,
    caller: &Caller,
    (owner, name, number): &(String, String, u64),
    level: Level,
) -> Result<(Repository, Issue), Error> {
    let repository = caller.repository(act, owner, name, PERMISSION, level)?;
    let found = issues::find(act.db, repository.id, *number)?;
    if found.pull.is_none() {
        return Err(Error::NotFound);
    }
    Ok((repository, found))
}

/// `GET /repos/{owner}/{repository}/pulls`
pub(super) async fn list(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
    At((owner, name)): At<(String, String)>,
    params: Params,
) -> Result<(HeaderMap, Json<Vec<Value>>), Error> {
    hub.read(move |act| {
        let repository = caller.repository(act, &owner, &name, PERMISSION, Level::Read)?;
        let mut all = issues::pulls(act.db, repository.id)?;
        all.retain(|one| wanted(&repository, one, &params));
        if params.get("direction") == Some("asc") {
            all.reverse();
        }
        let url = format!("{}/repos/{}/pulls", act.site.api(), repository.full_name());
        let (page, links) = paging::page(all, &params, &url, &["state", "head", "base"]);
        let shapes = page.iter().map(|one| shape::pull(act, &repository, one));
        Ok((links, Json(shapes.collect::<Result<_, _>>()?)))
    })
    .await
}

/// Whether the filters of a list let a pull request pass. A head without an owner filters nothing.
fn wanted(repository: &Repository, one: &Issue, params: &Params) -> bool {
    let Some(half) = &one.pull else { return false };
    let state = match params.get("state").unwrap_or("open") {
        "open" => one.open,
        "closed" => !one.open,
        _ => true,
    };
    let head = params
        .get("head")
        .and_then(|head| head.split_once(':'))
        .is_none_or(|(owner, branch)| {
            owner.eq_ignore_ascii_case(&repository.owner.login) && branch == half.head
        });
    state && head && params.get("base").is_none_or(|base| base == half.base)
}

/// `POST /repos/{owner}/{repository}/pulls`
pub(super) async fn create(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
    At((owner, name)): At<(String, String)>,
    Payload(request): Payload<PullRequest>,
) -> Result<(StatusCode, Json<Value>), Error> {
    let repository = hub
        .read(move |act| caller.repository(act, &owner, &name, PERMISSION, Level::Write))
        .await?;
    let new = examine(&hub, &repository, request).await?;
    let created = hub.write({
        let repository = repository.clone();
        move |act| {
            let created = pull::open(act, &repository, &act.bot()?, new)?;
            shape::pull(act, &repository, &created)
        }
    });
    let shape = created.await?;
    follow(&hub, &repository).await?;
    Ok((StatusCode::CREATED, Json(shape)))
}

/// Asks git about the branches of a pull request to be.
async fn examine(
    hub: &Hub,
    repository: &Repository,
    request: PullRequest,
) -> Result<NewPull, Error> {
    let head = match request.head.split_once(':') {
        Some((owner, branch)) if owner.eq_ignore_ascii_case(&repository.owner.login) => {
            branch.to_owned()
        }
        Some(_) => return Err(Error::invalid("PullRequest", Some("head"), "invalid", None)),
        None => request.head,
    };
    let key = branch_key(repository.id, &head);
    let head_sha = match hub.fresh.too_early(&key, Place::Head, hub.now()) {
        None => hub.git.head(repository, &head).await?,
        Some(_) => None,
    };
    let base_sha = hub.git.head(repository, &request.base).await?;
    let commits = match (&base_sha, &head_sha) {
        (Some(base), Some(head)) => hub.git.ahead(repository, base, head).await?,
        _ => 0,
    };
    let PullRequest {
        title,
        base,
        body,
        draft,
        ..
    } = request;
    Ok(NewPull {
        title,
        body,
        draft,
        head,
        base,
        head_sha,
        base_sha,
        commits,
    })
}

/// `GET /repos/{owner}/{repository}/pulls/{number}`, as JSON, a diff or patches.
pub(super) async fn show(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
    At(target): One,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let (repository, found, shape) = hub
        .read(move |act| {
            let (repository, found) = subject(act, &caller, &target, Level::Read)?;
            let mut shape = shape::pull(act, &repository, &found)?;
            shape["review_comments"] = reviews::comments(act.db, found.id)?.len().into();
            Ok((repository, found, shape))
        })
        .await?;
    let half = found.pull.as_ref().ok_or(Error::NotFound)?;
    match form(&headers) {
        Some((form, kind)) => {
            let ends = (half.base_sha.as_str(), half.head_sha.as_str());
            let text = hub.git.whole_diff(&repository, ends, form).await?;
            Ok(([(header::CONTENT_TYPE, kind)], text).into_response())
        }
        None => counted(&hub, &repository, half, shape).await,
    }
}

/// The form that is asked for, if it is not JSON.
pub(super) fn form(headers: &HeaderMap) -> Option<(Form, &'static str)> {
    let accept = headers.get(header::ACCEPT)?.to_str().ok()?;
    if !accept.starts_with("application/vnd.github") {
        return None;
    }
    if accept.ends_with("diff") {
        return Some((Form::Diff, "application/vnd.github.diff; charset=utf-8"));
    }
    let patch = "application/vnd.github.patch; charset=utf-8";
    accept.ends_with("patch").then_some((Form::Patches, patch))
}

async fn counted(
    hub: &Hub,
    repository: &Repository,
    half: &Pull,
    mut shape: Value,
) -> Result<Response, Error> {
    let extent = hub
        .git
        .extent(repository, &half.base_sha, &half.head_sha)
        .await?;
    shape["commits"] = extent.commits.into();
    shape["changed_files"] = extent.files.into();
    shape["additions"] = extent.additions.into();
    shape["deletions"] = extent.deletions.into();
    Ok(Json(shape).into_response())
}

/// `PATCH /repos/{owner}/{repository}/pulls/{number}`
pub(super) async fn edit(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
    At(target): One,
    Payload(edit): Payload<IssueEdit>,
) -> Result<Json<Value>, Error> {
    hub.write(move |act| {
        let (repository, found) = subject(act, &caller, &target, Level::Write)?;
        let edited = issue::edit(act, &repository, &found, &act.bot()?, edit.into_edit())?;
        Ok(Json(shape::pull(act, &repository, &edited)?))
    })
    .await
}
