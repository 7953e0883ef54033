//! An issue with its conversation.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;

use super::{look, markdown};
use crate::actions::Act;
use crate::error::Error;
use crate::hub::Hub;
use crate::state::accounts::{self, Account, AccountKind};
use crate::state::issues::{self, Issue};
use crate::state::reactions::{self, CONTENTS};
use crate::state::{comments, repositories};
use crate::text::time;

/// The opening text of an issue, or a comment.
pub(super) struct Entry {
    pub(super) id: u64,
    pub(super) author: String,
    pub(super) bot: bool,
    pub(super) at: String,
    pub(super) edited: bool,
    pub(super) html: String,
    pub(super) reactions: Vec<(&'static str, usize)>,
}

#[derive(Template)]
#[template(path = "issue.html")]
struct View {
    full_name: String,
    number: u64,
    title: String,
    open: bool,
    labels: Vec<String>,
    entries: Vec<Entry>,
    people: Vec<Account>,
}

#[derive(Template)]
#[template(path = "timeline.html")]
struct Timeline {
    entries: Vec<Entry>,
}

#[derive(Template)]
#[template(path = "new.html")]
struct New {
    full_name: String,
    people: Vec<Account>,
}

type Target = Path<(String, String, u64)>;

/// `GET /{owner}/{repository}/issues/{number}`
pub(super) async fn show(
    State(hub): State<Arc<Hub>>,
    Path((owner, name, number)): Target,
) -> Response {
    let view = hub.read(move |act| {
        let repository = repositories::find(act.db, &owner, &name)?;
        let issue = issues::find(act.db, repository.id, number)?;
        Ok(View {
            full_name: repository.full_name(),
            number,
            entries: entries(act, &issue)?,
            title: issue.title,
            open: issue.open,
            labels: issue.labels,
            people: accounts::people(act.db)?,
        })
    });
    look::page(view.await)
}

/// `GET /{owner}/{repository}/issues/{number}/timeline`, which the page asks for every second.
pub(super) async fn timeline(
    State(hub): State<Arc<Hub>>,
    Path((owner, name, number)): Target,
) -> Response {
    let view = hub.read(move |act| {
        let repository = repositories::find(act.db, &owner, &name)?;
        let issue = issues::find(act.db, repository.id, number)?;
        Ok(Timeline {
            entries: entries(act, &issue)?,
        })
    });
    look::page(view.await)
}

/// `GET /{owner}/{repository}/issues/new`
pub(super) async fn new(
    State(hub): State<Arc<Hub>>,
    Path((owner, name)): Path<(String, String)>,
) -> Response {
    let view = hub.read(move |act| {
        let repository = repositories::find(act.db, &owner, &name)?;
        let people = accounts::people(act.db)?;
        Ok(New {
            full_name: repository.full_name(),
            people,
        })
    });
    look::page(view.await)
}

/// The opening text and the comments of an issue, oldest first.
pub(super) fn entries(act: &Act<'_>, issue: &Issue) -> Result<Vec<Entry>, Error> {
    let opening = Entry {
        id: 0,
        author: issue.author.login.clone(),
        bot: issue.author.kind == AccountKind::Bot,
        at: time(issue.created_at),
        edited: false,
        html: markdown::render(issue.body.as_deref().unwrap_or("")),
        reactions: signs(act, issue.id)?,
    };
    let mut entries = vec![opening];
    for comment in comments::of_issue(act.db, issue.id, i64::MIN)? {
        entries.push(Entry {
            id: comment.id,
            bot: comment.author.kind == AccountKind::Bot,
            author: comment.author.login,
            at: time(comment.created_at),
            edited: comment.updated_at != comment.created_at,
            html: markdown::render(&comment.body),
            reactions: signs(act, comment.id)?,
        });
    }
    Ok(entries)
}

fn signs(act: &Act<'_>, subject_id: u64) -> Result<Vec<(&'static str, usize)>, Error> {
    let all = reactions::of_subject(act.db, subject_id)?;
    let count = |content| all.iter().filter(|one| one.content == content).count();
    let signs = CONTENTS
        .iter()
        .map(|(content, sign)| (*sign, count(*content)));
    Ok(signs.filter(|(_, count)| *count > 0).collect())
}
