//! One repository: issues, pull requests, branches and files.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;

use super::look;
use crate::error::Error;
use crate::hub::Hub;
use crate::state::issues::{self, Issue};
use crate::state::repositories::{self, Repository};

#[derive(Template)]
#[template(path = "repository.html")]
struct Overview {
    full_name: String,
    private: bool,
    clone_url: String,
    branch: String,
    issues: Vec<Issue>,
    pulls: Vec<PullRow>,
    branches: Vec<(String, String)>,
    files: Vec<String>,
}

struct PullRow {
    number: u64,
    title: String,
    badge: &'static str,
    head: String,
    base: String,
    head_sha: String,
}

/// The state of a pull request in one word.
pub(super) fn badge(open: bool, draft: bool) -> &'static str {
    match (open, draft) {
        (false, _) => "closed",
        (true, true) => "draft",
        (true, false) => "open",
    }
}

/// `GET /{owner}/{repository}`
pub(super) async fn show(
    State(hub): State<Arc<Hub>>,
    Path((owner, name)): Path<(String, String)>,
) -> Response {
    look::page(overview(&hub, owner, name).await)
}

async fn overview(hub: &Hub, owner: String, name: String) -> Result<Overview, Error> {
    let (repository, all) = hub
        .read(move |act| {
            let repository = repositories::find(act.db, &owner, &name)?;
            let all = issues::all(act.db, repository.id)?;
            Ok((repository, all))
        })
        .await?;
    let branches: Vec<(String, String)> = hub
        .git
        .refs(&repository)
        .await?
        .into_iter()
        .filter_map(|(name, sha)| Some((name.strip_prefix("refs/heads/")?.to_owned(), sha)))
        .collect();
    let main = branches
        .iter()
        .find(|(name, _)| *name == repository.default_branch);
    let files = match main {
        Some((_, sha)) => hub.git.files(&repository, sha).await?,
        None => Vec::new(),
    };
    let pulls = all.iter().filter_map(row).collect();
    Ok(Overview {
        full_name: repository.full_name(),
        private: repository.private,
        clone_url: format!("{}/{}.git", hub.site.base, repository.full_name()),
        branch: repository.default_branch,
        issues: all.into_iter().filter(|one| one.pull.is_none()).collect(),
        pulls,
        branches: branches
            .into_iter()
            .map(|(name, sha)| (name, look::short(&sha)))
            .collect(),
        files,
    })
}

fn row(issue: &Issue) -> Option<PullRow> {
    let half = issue.pull.as_ref()?;
    Some(PullRow {
        number: issue.number,
        title: issue.title.clone(),
        badge: badge(issue.open, half.draft),
        head: half.head.clone(),
        base: half.base.clone(),
        head_sha: look::short(&half.head_sha),
    })
}

#[derive(Template)]
#[template(path = "file.html")]
struct File {
    full_name: String,
    branch: String,
    path: String,
    content: String,
}

/// `GET /{owner}/{repository}/blob/{branch}/{path}`
pub(super) async fn file(
    State(hub): State<Arc<Hub>>,
    Path((owner, name, branch, path)): Path<(String, String, String, String)>,
) -> Response {
    let found = hub
        .read(move |act| repositories::find(act.db, &owner, &name))
        .await;
    look::page(match found {
        Ok(repository) => content(&hub, &repository, branch, path).await,
        Err(error) => Err(error),
    })
}

async fn content(
    hub: &Hub,
    repository: &Repository,
    branch: String,
    path: String,
) -> Result<File, Error> {
    let sha = hub
        .git
        .head(repository, &branch)
        .await?
        .ok_or(Error::NotFound)?;
    let bytes = hub
        .git
        .file(repository, &sha, &path)
        .await?
        .ok_or(Error::NotFound)?;
    let content = String::from_utf8_lossy(&bytes).into_owned();
    Ok(File {
        full_name: repository.full_name(),
        branch,
        path,
        content,
    })
}
