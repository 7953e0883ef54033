//! Writing, editing and deleting comments.

use serde_json::json;

use super::announce::about_repository;
use super::{Act, Actor};
use crate::error::Error;
use crate::shape;
use crate::state::comments::{self, Comment, NewComment};
use crate::state::issues::{self, Issue};
use crate::state::permissions::{self, Permission};
use crate::state::refusals;
use crate::state::repositories::Repository;

/// Characters a body may have.
const LONGEST: usize = 65_536;

/// Writes a comment.
pub(crate) fn create(
    act: &Act<'_>,
    repository: &Repository,
    issue: &Issue,
    actor: &Actor,
    body: &str,
) -> Result<Comment, Error> {
    check(body)?;
    may_talk(act, repository, issue, actor)?;
    let new = NewComment {
        issue_id: issue.id,
        author: &actor.account,
        via_app: actor.via_app,
        body,
        now: act.now,
    };
    let comment = comments::insert(act.db, &new)?;
    let touched = Issue {
        updated_at: act.now,
        ..issue.clone()
    };
    issues::update(act.db, &touched)?;
    let fields = json!({
        "issue": shape::issue(act, repository, &touched)?,
        "comment": shape::comment(act, repository, &touched, &comment)?,
    });
    about_repository(
        act,
        repository,
        "issue_comment",
        Some("created"),
        &actor.account,
        fields,
    )?;
    Ok(comment)
}

/// Replaces the text of a comment. Nothing is announced if it stays the same.
pub(crate) fn edit(
    act: &Act<'_>,
    repository: &Repository,
    comment: &Comment,
    actor: &Actor,
    body: &str,
) -> Result<Comment, Error> {
    check(body)?;
    comments::update(act.db, comment.id, body, act.now)?;
    let edited = comments::find(act.db, comment.id)?;
    let issue = issues::by_id(act.db, comment.issue_id)?;
    if edited.body == comment.body {
        return Ok(edited);
    }
    let fields = json!({
        "changes": {"body": {"from": comment.body}},
        "issue": shape::issue(act, repository, &issue)?,
        "comment": shape::comment(act, repository, &issue, &edited)?,
    });
    about_repository(
        act,
        repository,
        "issue_comment",
        Some("edited"),
        &actor.account,
        fields,
    )?;
    Ok(edited)
}

/// Deletes a comment.
pub(crate) fn delete(
    act: &Act<'_>,
    repository: &Repository,
    comment: &Comment,
    actor: &Actor,
) -> Result<(), Error> {
    let issue = issues::by_id(act.db, comment.issue_id)?;
    let fields = json!({
        "issue": shape::issue(act, repository, &issue)?,
        "comment": shape::comment(act, repository, &issue, comment)?,
    });
    comments::delete(act.db, comment.id)?;
    about_repository(
        act,
        repository,
        "issue_comment",
        Some("deleted"),
        &actor.account,
        fields,
    )
}

/// Locked issues are for people with write access, which an app never counts as; blocked people
/// cannot write at all.
fn may_talk(
    act: &Act<'_>,
    repository: &Repository,
    issue: &Issue,
    actor: &Actor,
) -> Result<(), Error> {
    if refusals::blocked(act.db, repository, &actor.account)? {
        return Err(Error::Forbidden("User is blocked".to_owned()));
    }
    let role = permissions::effective(act.db, repository, &actor.account)?;
    if issue.locked && (actor.via_app || role < Permission::Write) {
        let message = "Unable to create comment because issue is locked.";
        return Err(Error::Forbidden(message.to_owned()));
    }
    Ok(())
}

fn check(body: &str) -> Result<(), Error> {
    if body.trim().is_empty() {
        return Err(Error::invalid(
            "IssueComment",
            Some("body"),
            "missing_field",
            None,
        ));
    }
    if body.chars().count() > LONGEST {
        let message = format!("Body is too long (maximum is {LONGEST} characters)");
        return Err(Error::invalid(
            "IssueComment",
            Some("data"),
            "unprocessable",
            Some(message),
        ));
    }
    Ok(())
}
