//! What pull requests and commits change, and what files hold.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64;
use http::{HeaderMap, header};
use serde_json::{Value, json};

use super::branches::readable;
use super::extract::{Asking, At, Params};
use super::paging;
use super::pulls::{form, subject};
use crate::actions::push::Commit;
use crate::auth::caller::{Caller, Level};
use crate::error::Error;
use crate::git::changes::Change;
use crate::hub::Hub;
use crate::state::issues::Pull;
use crate::state::repositories::Repository;

type One = At<(String, String, u64)>;
type List = (HeaderMap, Json<Vec<Value>>);

/// The files and commits that GitHub lists of one pull request at most.
const MOST_FILES: usize = 3_000;

async fn pull(
    hub: &Hub,
    caller: Caller,
    target: (String, String, u64),
) -> Result<(Repository, Pull), Error> {
    hub.read(move |act| {
        let (repository, found) = subject(act, &caller, &target, Level::Read)?;
        Ok((repository, found.pull.ok_or(Error::NotFound)?))
    })
    .await
}

/// `GET /repos/{owner}/{repository}/pulls/{number}/files`
pub(super) async fn files(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
    At(target): One,
    params: Params,
) -> Result<List, Error> {
    let number = target.2;
    let (repository, half) = pull(&hub, caller, target).await?;
    let changes = hub
        .git
        .changes(&repository, &half.base_sha, &half.head_sha)
        .await?;
    let base = format!("{}/repos/{}", hub.site.api(), repository.full_name());
    let all = changes.iter().take(MOST_FILES);
    let all = all.map(|one| file(&base, &half.head_sha, one)).collect();
    let (page, links) = paging::page(all, &params, &format!("{base}/pulls/{number}/files"), &[]);
    Ok((links, Json(page)))
}

fn file(base: &str, sha: &str, change: &Change) -> Value {
    let path = &change.path;
    let mut value = json!({
        "sha": change.sha,
        "filename": path,
        "status": change.status,
        "additions": change.additions,
        "deletions": change.deletions,
        "changes": change.additions + change.deletions,
        "contents_url": format!("{base}/contents/{path}?ref={sha}"),
    });
    if let Some(former) = &change.former {
        value["previous_filename"] = former.as_str().into();
    }
    if let Some(patch) = &change.patch {
        value["patch"] = patch.as_str().into();
    }
    value
}

/// `GET /repos/{owner}/{repository}/pulls/{number}/commits`
pub(super) async fn commits(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
    At(target): One,
    params: Params,
) -> Result<List, Error> {
    let number = target.2;
    let (repository, half) = pull(&hub, caller, target).await?;
    let commits = hub
        .git
        .commits(&repository, Some(&half.base_sha), &half.head_sha)
        .await?;
    let base = format!("{}/repos/{}", hub.site.api(), repository.full_name());
    let all = commits.iter().map(|one| shape(&base, one)).collect();
    let (page, links) = paging::page(all, &params, &format!("{base}/pulls/{number}/commits"), &[]);
    Ok((links, Json(page)))
}

fn shape(base: &str, commit: &Commit) -> Value {
    let sha = &commit.sha;
    let person = json!({"name": commit.author, "date": commit.date});
    json!({
        "sha": sha,
        "url": format!("{base}/commits/{sha}"),
        "commit": {"message": commit.message, "author": person, "committer": person},
        "author": null,
        "committer": null,
    })
}

/// `GET /repos/{owner}/{repository}/commits/{sha}`
pub(super) async fn commit(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
    At((owner, name, wanted)): At<(String, String, String)>,
) -> Result<Json<Value>, Error> {
    let repository = readable(&hub, caller, (owner, name)).await?;
    let sha = named(&hub, &repository, &wanted).await?;
    let Some(sha) = sha else {
        return Err(Error::Unprocessable(format!(
            "No commit found for SHA: {wanted}"
        )));
    };
    let found = hub.git.commits(&repository, None, &sha).await?;
    let base = format!("{}/repos/{}", hub.site.api(), repository.full_name());
    let last = found.iter().find(|one| one.sha == sha);
    Ok(Json(shape(&base, last.ok_or(Error::NotFound)?)))
}

/// `GET /repos/{owner}/{repository}/compare/{base}...{head}`, as a diff or patches.
pub(super) async fn compare(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
    At((owner, name, ends)): At<(String, String, String)>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let repository = readable(&hub, caller, (owner, name)).await?;
    let (base, head) = ends.split_once("...").ok_or(Error::NotFound)?;
    let base = named(&hub, &repository, base).await?;
    let head = named(&hub, &repository, head).await?;
    let (Some(base), Some(head)) = (base, head) else {
        return Err(Error::NotFound);
    };
    let Some((form, kind)) = form(&headers) else {
        let message = "Comparisons as JSON are not part of the simulated GitHub";
        return Err(Error::NotImplemented(message.to_owned()));
    };
    let text = hub
        .git
        .whole_diff(&repository, (&base, &head), form)
        .await?;
    Ok(([(header::CONTENT_TYPE, kind)], text).into_response())
}

/// The commit of a branch or of an id written in full.
async fn named(hub: &Hub, repository: &Repository, name: &str) -> Result<Option<String>, Error> {
    if let Some(sha) = hub.git.head(repository, name).await? {
        return Ok(Some(sha));
    }
    let id = name.len() == 40 && name.bytes().all(|one| one.is_ascii_hexdigit());
    if !id {
        return Ok(None);
    }
    let kind = hub.git.kind(repository, name).await;
    Ok(kind
        .is_ok_and(|kind| kind == "commit")
        .then(|| name.to_owned()))
}

/// `GET /repos/{owner}/{repository}/contents/{path}` of a file, as JSON or as it is.
pub(super) async fn content(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
    At((owner, name, path)): At<(String, String, String)>,
    params: Params,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let repository = readable(&hub, caller, (owner, name)).await?;
    let wanted = params.get("ref").unwrap_or(&repository.default_branch);
    let sha = named(&hub, &repository, wanted).await?;
    let sha = sha.ok_or(Error::NotFound)?;
    let Some(bytes) = hub.git.file(&repository, &sha, &path).await? else {
        let all = hub.git.files(&repository, &sha).await?;
        let folder = format!("{path}/");
        if all.iter().any(|one| one.starts_with(&folder)) {
            let message = "Folders by contents are not part of the simulated GitHub";
            return Err(Error::NotImplemented(message.to_owned()));
        }
        return Err(Error::NotFound);
    };
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok());
    if accept.is_some_and(|accept| accept.contains(".raw")) {
        let kind = "application/vnd.github.raw; charset=utf-8";
        return Ok(([(header::CONTENT_TYPE, kind)], bytes).into_response());
    }
    let base = format!("{}/repos/{}", hub.site.api(), repository.full_name());
    Ok(Json(json!({
        "type": "file",
        "name": path.rsplit('/').next(),
        "path": path,
        "size": bytes.len(),
        "encoding": "base64",
        "content": BASE64.encode(&bytes),
        "url": format!("{base}/contents/{path}?ref={wanted}"),
    }))
    .into_response())
}
