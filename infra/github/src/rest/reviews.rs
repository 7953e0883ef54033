//! Reviews of pull requests and comments on their lines.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::Value;

use super::extract::{Asking, At, Params, Payload};
use super::paging;
use super::pulls::subject;
use crate::actions::Act;
use crate::actions::review::{self, Opinion, Remark};
use crate::auth::caller::Level;
use crate::error::Error;
use crate::hub::Hub;
use crate::shape;
use crate::state::issues::Issue;
use crate::state::repositories::Repository;
use crate::state::reviews::{self, ReviewComment};

type One = At<(String, String, u64)>;
type List = (HeaderMap, Json<Vec<Value>>);
type Made = (StatusCode, Json<Value>);

#[derive(Deserialize)]
pub(super) struct NewReview {
    #[serde(default)]
    body: String,
    event: Option<String>,
    #[serde(default)]
    comments: Vec<NewComment>,
}

#[derive(Deserialize)]
pub(super) struct NewComment {
    #[serde(default)]
    body: String,
    #[serde(default)]
    path: String,
    line: Option<u64>,
    start_line: Option<u64>,
    side: Option<String>,
    in_reply_to: Option<u64>,
}

impl From<NewComment> for Remark {
    fn from(new: NewComment) -> Self {
        Self {
            path: new.path,
            line: new.line,
            start_line: new.start_line,
            side: new.side,
            body: new.body,
            in_reply_to: new.in_reply_to,
        }
    }
}

/// `GET /repos/{owner}/{repository}/pulls/{number}/reviews`
pub(super) async fn list(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
    At(target): One,
    params: Params,
) -> Result<List, Error> {
    hub.read(move |act| {
        let (repository, pull) = subject(act, &caller, &target, Level::Read)?;
        let all = reviews::of_pull(act.db, pull.id)?;
        let url = address(act, &repository, &pull, "reviews");
        let (page, links) = paging::page(all, &params, &url, &[]);
        let shapes = page
            .iter()
            .map(|one| shape::review(act, &repository, &pull, one));
        Ok((links, Json(shapes.collect::<Result<_, _>>()?)))
    })
    .await
}

/// `POST /repos/{owner}/{repository}/pulls/{number}/reviews`
pub(super) async fn create(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
    At(target): One,
    Payload(new): Payload<NewReview>,
) -> Result<Json<Value>, Error> {
    // A review without an event stays pending on GitHub until another request submits it.
    let event = new.event.as_deref().ok_or_else(|| {
        Error::NotImplemented("Pending reviews are not part of the simulated GitHub".to_owned())
    })?;
    let opinion = Opinion::parse(event);
    let opinion = opinion.ok_or_else(|| Error::Unprocessable("event is not valid".to_owned()))?;
    let remarks: Vec<Remark> = new.comments.into_iter().map(Remark::from).collect();
    hub.write(move |act| {
        let (repository, pull) = subject(act, &caller, &target, Level::Write)?;
        let said = (opinion, new.body.as_str());
        let made = review::submit(act, &repository, &pull, &act.bot()?, said, &remarks)?;
        shape::review(act, &repository, &pull, &made).map(Json)
    })
    .await
}

/// `GET /repos/{owner}/{repository}/pulls/{number}/comments`
pub(super) async fn comments(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
    At(target): One,
    params: Params,
) -> Result<List, Error> {
    hub.read(move |act| {
        let (repository, pull) = subject(act, &caller, &target, Level::Read)?;
        let all = reviews::comments(act.db, pull.id)?;
        let url = address(act, &repository, &pull, "comments");
        pages(act, &repository, &pull, all, &params, &url)
    })
    .await
}

/// `GET /repos/{owner}/{repository}/pulls/{number}/reviews/{review}/comments`
pub(super) async fn of_review(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
    At((owner, name, number, review)): At<(String, String, u64, u64)>,
    params: Params,
) -> Result<List, Error> {
    hub.read(move |act| {
        let (repository, pull) = subject(act, &caller, &(owner, name, number), Level::Read)?;
        if reviews::find(act.db, review)?.issue_id != pull.id {
            return Err(Error::NotFound);
        }
        let mut all = reviews::comments(act.db, pull.id)?;
        all.retain(|one| one.review_id == review);
        let url = address(
            act,
            &repository,
            &pull,
            &format!("reviews/{review}/comments"),
        );
        pages(act, &repository, &pull, all, &params, &url)
    })
    .await
}

fn pages(
    act: &Act<'_>,
    repository: &Repository,
    pull: &Issue,
    all: Vec<ReviewComment>,
    params: &Params,
    url: &str,
) -> Result<List, Error> {
    let (page, links) = paging::page(all, params, url, &[]);
    let shapes = page
        .iter()
        .map(|one| shape::review_comment(act, repository, pull, one));
    Ok((links, Json(shapes.collect::<Result<_, _>>()?)))
}

/// `POST /repos/{owner}/{repository}/pulls/{number}/comments`
pub(super) async fn comment(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
    At(target): One,
    Payload(new): Payload<NewComment>,
) -> Result<Made, Error> {
    hub.write(move |act| {
        let (repository, pull) = subject(act, &caller, &target, Level::Write)?;
        answer(act, &repository, &pull, new.into())
    })
    .await
}

/// `POST /repos/{owner}/{repository}/pulls/{number}/comments/{id}/replies`
pub(super) async fn reply(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
    At((owner, name, number, id)): At<(String, String, u64, u64)>,
    Payload(mut new): Payload<NewComment>,
) -> Result<Made, Error> {
    new.in_reply_to = Some(id);
    hub.write(move |act| {
        let (repository, pull) = subject(act, &caller, &(owner, name, number), Level::Write)?;
        answer(act, &repository, &pull, new.into())
    })
    .await
}

/// An answer stands where the first comment of its thread stands.
fn answer(
    act: &Act<'_>,
    repository: &Repository,
    pull: &Issue,
    mut remark: Remark,
) -> Result<Made, Error> {
    if let Some(id) = remark.in_reply_to {
        let asked = reviews::comment_of(act.db, id)?;
        if asked.issue_id != pull.id {
            return Err(Error::NotFound);
        }
        remark = Remark {
            path: asked.path,
            line: asked.line,
            start_line: asked.start_line,
            side: Some(asked.side),
            body: remark.body,
            in_reply_to: Some(asked.in_reply_to.unwrap_or(asked.id)),
        };
    }
    let made = review::remark(act, repository, pull, &act.bot()?, &remark)?;
    let shape = shape::review_comment(act, repository, pull, &made)?;
    Ok((StatusCode::CREATED, Json(shape)))
}

fn address(act: &Act<'_>, repository: &Repository, pull: &Issue, tail: &str) -> String {
    let base = format!("{}/repos/{}", act.site.api(), repository.full_name());
    format!("{base}/pulls/{}/{tail}", pull.number)
}
