//! Issues.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use super::extract::{Asking, At, Payload};
use crate::actions::issue::{self, Edit};
use crate::actions::{Act, label};
use crate::auth::caller::{Caller, Level};
use crate::error::Error;
use crate::hub::Hub;
use crate::shape;
use crate::state::issues::{self, Issue, StateReason};
use crate::state::repositories::{Repository, Setting};

#[derive(Deserialize)]
pub(super) struct NewIssue {
    title: String,
    body: Option<String>,
    #[serde(default)]
    labels: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct IssueEdit {
    title: Option<String>,
    body: Option<String>,
    state: Option<WantedState>,
    state_reason: Option<String>,
}

/// The state that is asked for.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum WantedState {
    Open,
    Closed,
}

impl IssueEdit {
    pub(super) fn into_edit(self) -> Edit {
        let open = self.state.map(|state| matches!(state, WantedState::Open));
        Edit {
            title: self.title,
            body: self.body,
            open,
            reason: self.state_reason.as_deref().and_then(StateReason::parse),
        }
    }
}

/// The issue or pull request of this number, if the caller may do `level` with it. A pull request
/// opens to either of two permissions.
pub(super) fn subject(
    act: &Act<'_>,
    caller: &Caller,
    (owner, name, number): &(String, String, u64),
    level: Level,
) -> Result<(Repository, Issue), Error> {
    let repository = caller.repository(
        act,
        owner,
        name,
        &["issues", "pull_requests", "metadata"],
        Level::Read,
    )?;
    let found = issues::find(act.db, repository.id, *number);
    let either: &[&str] = match &found {
        Ok(Issue { pull: Some(_), .. }) => &["issues", "pull_requests"],
        _ => &["issues"],
    };
    caller.may(&repository, either, level)?;
    with_issues(&repository, found.as_ref().ok())?;
    Ok((repository, found?))
}

/// 410 where there are no issues; pull requests are there all the same.
pub(super) fn with_issues(repository: &Repository, found: Option<&Issue>) -> Result<(), Error> {
    if repository.has(Setting::Issues) || found.is_some_and(|one| one.pull.is_some()) {
        return Ok(());
    }
    Err(Error::Gone("Issues are disabled for this repo".to_owned()))
}

/// `POST /repos/{owner}/{repository}/issues`
pub(super) async fn create(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
    At((owner, name)): At<(String, String)>,
    Payload(new): Payload<NewIssue>,
) -> Result<(StatusCode, Json<Value>), Error> {
    hub.write(move |act| {
        let repository = caller.repository(act, &owner, &name, &["issues"], Level::Write)?;
        with_issues(&repository, None)?;
        let bot = act.bot()?;
        let created = issue::open(act, &repository, &bot, &new.title, new.body.as_deref())?;
        for name in &new.labels {
            label::add(act, &repository, &created, &bot, name)?;
        }
        Ok((
            StatusCode::CREATED,
            Json(shape::issue(act, &repository, &created)?),
        ))
    })
    .await
}

/// `GET /repos/{owner}/{repository}/issues/{number}`
pub(super) async fn show(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
    At(target): At<(String, String, u64)>,
) -> Result<Json<Value>, Error> {
    hub.read(move |act| {
        let (repository, issue) = subject(act, &caller, &target, Level::Read)?;
        Ok(Json(shape::issue(act, &repository, &issue)?))
    })
    .await
}

/// `PATCH /repos/{owner}/{repository}/issues/{number}`
pub(super) async fn edit(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
    At(target): At<(String, String, u64)>,
    Payload(edit): Payload<IssueEdit>,
) -> Result<Json<Value>, Error> {
    hub.write(move |act| {
        let (repository, found) = subject(act, &caller, &target, Level::Write)?;
        let edited = issue::edit(act, &repository, &found, &act.bot()?, edit.into_edit())?;
        Ok(Json(shape::issue(act, &repository, &edited)?))
    })
    .await
}
