//! Comments on issues and pull requests.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::extract::{Asking, At, Params, Payload};
use super::issues::subject;
use super::paging;
use crate::actions::{Act, comment};
use crate::auth::caller::{Caller, Level};
use crate::error::Error;
use crate::hub::Hub;
use crate::shape;
use crate::state::comments::{self, Comment};
use crate::state::issues::Issue;
use crate::state::repositories::Repository;

#[derive(Deserialize)]
pub(super) struct Text {
    body: String,
}

type OfIssue = At<(String, String, u64)>;

/// A comment with its place, if the caller may do `level` with it.
pub(super) fn place(
    act: &Act<'_>,
    caller: &Caller,
    (owner, name, id): &(String, String, u64),
    level: Level,
) -> Result<(Repository, Issue, Comment), Error> {
    let any = ["issues", "pull_requests", "metadata"];
    let repository = caller.repository(act, owner, name, &any, Level::Read)?;
    let comment = comments::find(act.db, *id)?;
    let issue = crate::state::issues::by_id(act.db, comment.issue_id)?;
    if issue.repository_id != repository.id {
        return Err(Error::NotFound);
    }
    let target = (owner.clone(), name.clone(), issue.number);
    let (repository, issue) = subject(act, caller, &target, level)?;
    Ok((repository, issue, comment))
}

/// `GET /repos/{owner}/{repository}/issues/{number}/comments`
pub(super) async fn list(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
    At(target): OfIssue,
    params: Params,
) -> Result<(HeaderMap, Json<Vec<Value>>), Error> {
    let since = match params.get("since") {
        None => i64::MIN,
        Some(text) => text
            .parse::<Timestamp>()
            .map_err(|_| Error::Unprocessable("since is not a time".to_owned()))?
            .as_second(),
    };
    hub.read(move |act| {
        let (repository, issue) = subject(act, &caller, &target, Level::Read)?;
        let all = comments::of_issue(act.db, issue.id, since)?;
        let full_name = repository.full_name();
        let url = format!(
            "{}/repos/{full_name}/issues/{}/comments",
            act.site.api(),
            issue.number
        );
        let (page, links) = paging::page(all, &params, &url, &["since"]);
        let shapes = page
            .iter()
            .map(|one| shape::comment(act, &repository, &issue, one));
        Ok((links, Json(shapes.collect::<Result<_, _>>()?)))
    })
    .await
}

/// `POST /repos/{owner}/{repository}/issues/{number}/comments`
pub(super) async fn create(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
    At(target): OfIssue,
    Payload(Text { body }): Payload<Text>,
) -> Result<(StatusCode, Json<Value>), Error> {
    hub.write(move |act| {
        let (repository, issue) = subject(act, &caller, &target, Level::Write)?;
        let created = comment::create(act, &repository, &issue, &act.bot()?, &body)?;
        let shape = shape::comment(act, &repository, &issue, &created)?;
        Ok((StatusCode::CREATED, Json(shape)))
    })
    .await
}

/// `GET /repos/{owner}/{repository}/issues/comments/{id}`
pub(super) async fn show(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
    At(target): OfIssue,
) -> Result<Json<Value>, Error> {
    hub.read(move |act| {
        let (repository, issue, comment) = place(act, &caller, &target, Level::Read)?;
        Ok(Json(shape::comment(act, &repository, &issue, &comment)?))
    })
    .await
}

/// `PATCH /repos/{owner}/{repository}/issues/comments/{id}`
pub(super) async fn edit(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
    At(target): OfIssue,
    Payload(Text { body }): Payload<Text>,
) -> Result<Json<Value>, Error> {
    hub.write(move |act| {
        let (repository, issue, comment) = place(act, &caller, &target, Level::Write)?;
        own(&comment)?;
        let edited = comment::edit(act, &repository, &comment, &act.bot()?, &body)?;
        Ok(Json(shape::comment(act, &repository, &issue, &edited)?))
    })
    .await
}

/// `DELETE /repos/{owner}/{repository}/issues/comments/{id}`
pub(super) async fn delete(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
    At(target): OfIssue,
) -> Result<StatusCode, Error> {
    hub.write(move |act| {
        let (repository, _, comment) = place(act, &caller, &target, Level::Write)?;
        own(&comment)?;
        comment::delete(act, &repository, &comment, &act.bot()?)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

/// The app may change what it wrote and nothing else.
fn own(comment: &Comment) -> Result<(), Error> {
    if comment.via_app {
        return Ok(());
    }
    Err(Error::Forbidden(
        "Resource not accessible by integration".to_owned(),
    ))
}
