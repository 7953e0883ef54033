//! What a person does on the pages. Each form names who acts: there is no login.

use std::sync::Arc;

use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::HeaderMap;
use serde::Deserialize;

use super::look;
use crate::actions::{Act, comment, issue, label};
use crate::error::Error;
use crate::hub::Hub;
use crate::shape::html_url;
use crate::state::issues::{self, Issue};
use crate::state::repositories::{self, Repository};

#[derive(Deserialize)]
pub(super) struct NewComment {
    author: String,
    body: String,
}

#[derive(Deserialize)]
pub(super) struct NewIssue {
    author: String,
    title: String,
    body: String,
}

#[derive(Deserialize)]
pub(super) struct NewLabel {
    author: String,
    name: String,
}

type Target = Path<(String, String, u64)>;

/// `POST /{owner}/{repository}/issues/{number}/comments`
pub(super) async fn comment(
    State(hub): State<Arc<Hub>>,
    Path((owner, name, number)): Target,
    headers: HeaderMap,
    Form(form): Form<NewComment>,
) -> Response {
    if let Err(error) = own_page(&headers) {
        return look::failure(&error);
    }
    let done = hub.write(move |act| {
        let repository = repositories::find(act.db, &owner, &name)?;
        let target = issues::find(act.db, repository.id, number)?;
        let actor = act.actor(&form.author)?;
        // Browsers send line ends as CR LF; everyone else counts on LF.
        let body = form.body.replace("\r\n", "\n");
        let made = comment::create(act, &repository, &target, &actor, &body)?;
        Ok(format!(
            "{}#issuecomment-{}",
            path(act, &repository, &target),
            made.id
        ))
    });
    answer(done.await)
}

/// `POST /{owner}/{repository}/issues/{number}/labels`
pub(super) async fn label(
    State(hub): State<Arc<Hub>>,
    Path((owner, name, number)): Target,
    headers: HeaderMap,
    Form(form): Form<NewLabel>,
) -> Response {
    if let Err(error) = own_page(&headers) {
        return look::failure(&error);
    }
    let done = hub.write(move |act| {
        let repository = repositories::find(act.db, &owner, &name)?;
        let target = issues::find(act.db, repository.id, number)?;
        let actor = act.actor(&form.author)?;
        label::add(act, &repository, &target, &actor, &form.name)?;
        Ok(path(act, &repository, &target))
    });
    answer(done.await)
}

/// `POST /{owner}/{repository}/issues`
pub(super) async fn open(
    State(hub): State<Arc<Hub>>,
    Path((owner, name)): Path<(String, String)>,
    headers: HeaderMap,
    Form(form): Form<NewIssue>,
) -> Response {
    if let Err(error) = own_page(&headers) {
        return look::failure(&error);
    }
    let done = hub.write(move |act| {
        let repository = repositories::find(act.db, &owner, &name)?;
        let actor = act.actor(&form.author)?;
        let body = form.body.replace("\r\n", "\n");
        let made = issue::open(act, &repository, &actor, &form.title, Some(&body))?;
        Ok(path(act, &repository, &made))
    });
    answer(done.await)
}

/// The page of an issue without the host, so that the browser stays on the one it came by.
fn path(act: &Act<'_>, repository: &Repository, issue: &Issue) -> String {
    let url = html_url(act.site, repository, issue);
    url.strip_prefix(&act.site.base)
        .map(str::to_owned)
        .unwrap_or(url)
}

/// Other sites open in the same browser must not act here.
fn own_page(headers: &HeaderMap) -> Result<(), Error> {
    let from = headers
        .get("sec-fetch-site")
        .map(http::HeaderValue::as_bytes);
    match from {
        None | Some(b"same-origin" | b"none") => Ok(()),
        Some(_) => Err(Error::Forbidden(
            "this form belongs to another site".to_owned(),
        )),
    }
}

fn answer(done: Result<String, Error>) -> Response {
    match done {
        Ok(url) => Redirect::to(&url).into_response(),
        Err(error) => look::failure(&error),
    }
}
