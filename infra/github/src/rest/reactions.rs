//! Reactions to comments and issues.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::Value;

use super::comments::place;
use super::extract::{Asking, At, Params, Payload};
use super::issues::subject;
use super::paging;
use crate::actions::{Act, react};
use crate::auth::caller::Level;
use crate::error::Error;
use crate::hub::Hub;
use crate::shape;
use crate::state::reactions;

#[derive(Deserialize)]
pub(super) struct Wanted {
    content: String,
}

type Target = At<(String, String, u64)>;
type One = At<(String, String, u64, u64)>;
type List = (HeaderMap, Json<Vec<Value>>);
type Made = (StatusCode, Json<Value>);

/// `GET /repos/{owner}/{repository}/issues/comments/{id}/reactions`
pub(super) async fn of_comment(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
    At(target): Target,
    params: Params,
) -> Result<List, Error> {
    hub.read(move |act| {
        let (repository, _, comment) = place(act, &caller, &target, Level::Read)?;
        let url = format!(
            "{}/issues/comments/{}/reactions",
            repository.full_name(),
            comment.id
        );
        list(act, comment.id, &params, &url)
    })
    .await
}

/// `GET /repos/{owner}/{repository}/issues/{number}/reactions`
pub(super) async fn of_issue(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
    At(target): Target,
    params: Params,
) -> Result<List, Error> {
    hub.read(move |act| {
        let (repository, issue) = subject(act, &caller, &target, Level::Read)?;
        let url = format!(
            "{}/issues/{}/reactions",
            repository.full_name(),
            issue.number
        );
        list(act, issue.id, &params, &url)
    })
    .await
}

fn list(act: &Act<'_>, subject_id: u64, params: &Params, path: &str) -> Result<List, Error> {
    let all = reactions::of_subject(act.db, subject_id)?.into_iter();
    let all = all.filter(|one| {
        params
            .get("content")
            .is_none_or(|wanted| wanted == one.content)
    });
    let url = format!("{}/repos/{path}", act.site.api());
    let (page, links) = paging::page(all.collect(), params, &url, &["content"]);
    Ok((
        links,
        Json(
            page.iter()
                .map(|one| shape::reaction(act.site, one))
                .collect(),
        ),
    ))
}

/// `POST /repos/{owner}/{repository}/issues/comments/{id}/reactions`
pub(super) async fn to_comment(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
    At(target): Target,
    Payload(Wanted { content }): Payload<Wanted>,
) -> Result<Made, Error> {
    hub.write(move |act| {
        let (_, _, comment) = place(act, &caller, &target, Level::Write)?;
        add(act, comment.id, &content)
    })
    .await
}

/// `POST /repos/{owner}/{repository}/issues/{number}/reactions`
pub(super) async fn to_issue(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
    At(target): Target,
    Payload(Wanted { content }): Payload<Wanted>,
) -> Result<Made, Error> {
    hub.write(move |act| {
        let (_, issue) = subject(act, &caller, &target, Level::Write)?;
        add(act, issue.id, &content)
    })
    .await
}

fn add(act: &Act<'_>, subject_id: u64, content: &str) -> Result<Made, Error> {
    let (reaction, new) = react::react(act, subject_id, &act.bot()?, content)?;
    let status = if new {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok((status, Json(shape::reaction(act.site, &reaction))))
}

/// `DELETE /repos/{owner}/{repository}/issues/comments/{id}/reactions/{reaction}`
pub(super) async fn undo_comment(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
    At((owner, name, id, reaction)): One,
) -> Result<StatusCode, Error> {
    hub.write(move |act| {
        let (_, _, comment) = place(act, &caller, &(owner, name, id), Level::Write)?;
        undo(act, comment.id, reaction)
    })
    .await
}

/// `DELETE /repos/{owner}/{repository}/issues/{number}/reactions/{reaction}`
pub(super) async fn undo_issue(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
    At((owner, name, number, reaction)): One,
) -> Result<StatusCode, Error> {
    hub.write(move |act| {
        let (_, issue) = subject(act, &caller, &(owner, name, number), Level::Write)?;
        undo(act, issue.id, reaction)
    })
    .await
}

fn undo(act: &Act<'_>, subject_id: u64, id: u64) -> Result<StatusCode, Error> {
    if reactions::remove(act.db, subject_id, &act.bot()?.account, id)? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Error::NotFound)
}
