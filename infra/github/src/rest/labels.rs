//! Labels of issues and pull requests.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::Value;

use super::extract::{Asking, At, Payload};
use super::issues::subject;
use crate::actions::{Act, label};
use crate::auth::caller::Level;
use crate::error::Error;
use crate::hub::Hub;
use crate::shape;
use crate::state::issues::Issue;
use crate::state::labels;
use crate::state::repositories::Repository;

/// GitHub takes an object or a bare list.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Wanted {
    Object { labels: Vec<String> },
    List(Vec<String>),
}

/// `GET /repos/{owner}/{repository}/issues/{number}/labels`
pub(super) async fn list(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
    At(target): At<(String, String, u64)>,
) -> Result<Json<Vec<Value>>, Error> {
    hub.read(move |act| {
        let (repository, issue) = subject(act, &caller, &target, Level::Read)?;
        all(act, &repository, &issue)
    })
    .await
}

/// `POST /repos/{owner}/{repository}/issues/{number}/labels`
pub(super) async fn add(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
    At(target): At<(String, String, u64)>,
    Payload(wanted): Payload<Wanted>,
) -> Result<Json<Vec<Value>>, Error> {
    let (Wanted::Object { labels: names } | Wanted::List(names)) = wanted;
    hub.write(move |act| {
        let (repository, issue) = subject(act, &caller, &target, Level::Write)?;
        let bot = act.bot()?;
        for name in &names {
            label::add(act, &repository, &issue, &bot, name)?;
        }
        all(act, &repository, &issue)
    })
    .await
}

/// `DELETE /repos/{owner}/{repository}/issues/{number}/labels/{name}`
pub(super) async fn remove(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
    At((owner, name, number, label)): At<(String, String, u64, String)>,
) -> Result<Json<Vec<Value>>, Error> {
    hub.write(move |act| {
        let (repository, issue) = subject(act, &caller, &(owner, name, number), Level::Write)?;
        label::remove(act, &repository, &issue, &act.bot()?, &label)?;
        all(act, &repository, &issue)
    })
    .await
}

fn all(act: &Act<'_>, repository: &Repository, issue: &Issue) -> Result<Json<Vec<Value>>, Error> {
    let labels = labels::of_issue(act.db, issue.id)?;
    Ok(Json(
        labels
            .iter()
            .map(|one| shape::label(act.site, repository, one))
            .collect(),
    ))
}
