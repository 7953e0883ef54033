//! Opening and changing issues and pull requests.

use serde_json::{Map, Value, json};

use super::announce::about_repository;
use super::{Act, Actor};
use crate::error::Error;
use crate::shape;
use crate::state::issues::{self, Issue, NewIssue, StateReason};
use crate::state::repositories::Repository;

/// Characters a title may have.
const LONGEST_TITLE: usize = 256;

/// What to change; what is `None` stays.
#[derive(Debug, Default)]
pub(crate) struct Edit {
    pub(crate) title: Option<String>,
    pub(crate) body: Option<String>,
    pub(crate) open: Option<bool>,
    /// Goes with closing; done, if it is left out.
    pub(crate) reason: Option<StateReason>,
}

/// Opens an issue.
pub(crate) fn open(
    act: &Act<'_>,
    repository: &Repository,
    actor: &Actor,
    title: &str,
    body: Option<&str>,
) -> Result<Issue, Error> {
    check_title("Issue", title)?;
    let new = NewIssue {
        repository_id: repository.id,
        author: &actor.account,
        via_app: actor.via_app,
        title,
        body,
        now: act.now,
    };
    let issue = issues::insert(act.db, &new)?;
    announce(act, repository, &issue, actor, "opened", Map::new())?;
    Ok(issue)
}

/// Changes title, body or state; each kind of change is announced on its own.
pub(crate) fn edit(
    act: &Act<'_>,
    repository: &Repository,
    issue: &Issue,
    actor: &Actor,
    edit: Edit,
) -> Result<Issue, Error> {
    let mut next = Issue {
        updated_at: act.now,
        ..issue.clone()
    };
    let mut changes = Map::new();
    if let Some(title) = edit.title.filter(|title| *title != issue.title) {
        check_title(resource(issue), &title)?;
        changes.insert("title".into(), json!({"from": issue.title}));
        next.title = title;
    }
    if edit.body.is_some() && edit.body != issue.body {
        changes.insert("body".into(), json!({"from": issue.body}));
        next.body = edit.body;
    }
    if let Some(open) = edit.open {
        next.open = open;
        next.closed_at = (!open).then(|| issue.closed_at.unwrap_or(act.now));
        next.state_reason = reason(issue, open, edit.reason);
    }
    issues::update(act.db, &next)?;
    if !changes.is_empty() {
        let extra = Map::from_iter([("changes".to_owned(), Value::Object(changes))]);
        announce(act, repository, &next, actor, "edited", extra)?;
    }
    if next.open != issue.open {
        let action = if next.open { "reopened" } else { "closed" };
        announce(act, repository, &next, actor, action, Map::new())?;
    }
    Ok(next)
}

fn reason(issue: &Issue, open: bool, wanted: Option<StateReason>) -> Option<StateReason> {
    match (open, issue.open) {
        _ if issue.pull.is_some() => None,
        (true, true) => issue.state_reason,
        (true, false) => Some(StateReason::Reopened),
        (false, true) => wanted.or(Some(StateReason::Completed)),
        (false, false) => wanted.or(issue.state_reason),
    }
}

/// Announces something about an issue or a pull request under its own event name.
pub(crate) fn announce(
    act: &Act<'_>,
    repository: &Repository,
    issue: &Issue,
    actor: &Actor,
    action: &str,
    mut fields: Map<String, Value>,
) -> Result<(), Error> {
    let event = if issue.pull.is_some() {
        fields.insert("number".into(), issue.number.into());
        fields.insert("pull_request".into(), shape::pull(act, repository, issue)?);
        "pull_request"
    } else {
        fields.insert("issue".into(), shape::issue(act, repository, issue)?);
        "issues"
    };
    let fields = Value::Object(fields);
    about_repository(act, repository, event, Some(action), &actor.account, fields)
}

fn resource(issue: &Issue) -> &'static str {
    if issue.pull.is_some() {
        "PullRequest"
    } else {
        "Issue"
    }
}

/// Refuses a blank or overlong title.
pub(crate) fn check_title(resource: &'static str, title: &str) -> Result<(), Error> {
    if title.trim().is_empty() {
        return Err(Error::invalid(
            resource,
            Some("title"),
            "missing_field",
            None,
        ));
    }
    if title.chars().count() > LONGEST_TITLE {
        let message = format!("title is too long (maximum is {LONGEST_TITLE} characters)");
        return Err(Error::invalid(
            resource,
            Some("title"),
            "custom",
            Some(message),
        ));
    }
    Ok(())
}
