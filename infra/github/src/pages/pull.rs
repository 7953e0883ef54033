//! A pull request with its commits and changes.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;

use super::issue::{Entry, entries};
use super::look;
use super::repository::badge;
use crate::error::Error;
use crate::hub::Hub;
use crate::state::accounts::{self, Account};
use crate::state::{issues, repositories};

#[derive(Template)]
#[template(path = "pull.html")]
struct View {
    full_name: String,
    number: u64,
    title: String,
    author: String,
    badge: &'static str,
    head: String,
    base: String,
    entries: Vec<Entry>,
    commits: Vec<Row>,
    diff: String,
    people: Vec<Account>,
}

struct Row {
    sha: String,
    title: String,
    author: String,
    date: String,
}

/// `GET /{owner}/{repository}/pull/{number}`
pub(super) async fn show(
    State(hub): State<Arc<Hub>>,
    Path((owner, name, number)): Path<(String, String, u64)>,
) -> Response {
    look::page(view(&hub, owner, name, number).await)
}

async fn view(hub: &Hub, owner: String, name: String, number: u64) -> Result<View, Error> {
    let (repository, issue, entries, people) = hub
        .read(move |act| {
            let repository = repositories::find(act.db, &owner, &name)?;
            let issue = issues::find(act.db, repository.id, number)?;
            let entries = entries(act, &issue)?;
            Ok((repository, issue, entries, accounts::people(act.db)?))
        })
        .await?;
    let half = issue.pull.ok_or(Error::NotFound)?;
    let (base, head) = (half.base_sha.as_str(), half.head_sha.as_str());
    let commits = hub.git.commits(&repository, Some(base), head).await?;
    let diff = hub.git.diff(&repository, base, head).await?;
    Ok(View {
        full_name: repository.full_name(),
        number,
        title: issue.title,
        author: issue.author.login,
        badge: badge(issue.open, half.draft),
        head: half.head,
        base: half.base,
        entries,
        commits: commits
            .into_iter()
            .map(|one| Row {
                title: one.message.lines().next().unwrap_or_default().to_owned(),
                sha: look::short(&one.sha),
                author: one.author,
                date: one.date,
            })
            .collect(),
        diff,
        people,
    })
}
