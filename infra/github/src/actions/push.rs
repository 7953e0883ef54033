//! Recording what a push changed.

use serde_json::{Map, Value, json};

use super::announce::about_repository;
use super::{Act, Actor, issue};
use crate::error::Error;
use crate::state::issues;
use crate::state::refs::{self, Refs};
use crate::state::repositories::Repository;

/// What git says about one commit.
#[derive(Clone, Debug)]
pub(crate) struct Commit {
    pub(crate) sha: String,
    pub(crate) author: String,
    /// RFC 3339.
    pub(crate) date: String,
    pub(crate) message: String,
}

/// One reference that moved; all zeros stand for "was not there" and "is not there any more".
#[derive(Clone, Debug)]
pub(crate) struct Moved {
    pub(crate) name: String,
    pub(crate) before: String,
    pub(crate) after: String,
    /// New commits, oldest first, not more than a webhook carries.
    pub(crate) commits: Vec<Commit>,
}

/// The commit id that stands for "nothing".
pub(crate) const NOTHING: &str = "0000000000000000000000000000000000000000";

/// Keeps the references as they are now, moves open pull requests and announces each change.
pub(crate) fn record(
    act: &Act<'_>,
    repository: &Repository,
    actor: &Actor,
    now: &Refs,
    moved: &[Moved],
) -> Result<(), Error> {
    refs::replace(act.db, repository.id, now)?;
    for change in moved {
        let fields = payload(act, repository, actor, change);
        about_repository(act, repository, "push", None, &actor.account, fields)?;
        if let Some(branch) = change.name.strip_prefix("refs/heads/") {
            move_pulls(act, repository, actor, branch, change)?;
        }
    }
    Ok(())
}

fn move_pulls(
    act: &Act<'_>,
    repository: &Repository,
    actor: &Actor,
    branch: &str,
    change: &Moved,
) -> Result<(), Error> {
    if change.after == NOTHING {
        return Ok(());
    }
    for pull in issues::pulls(act.db, repository.id)? {
        let stale = pull
            .pull
            .as_ref()
            .is_some_and(|half| half.head == branch && half.head_sha != change.after && pull.open);
        if !stale {
            continue;
        }
        issues::set_head(act.db, pull.id, &change.after, act.now)?;
        let fresh = issues::by_id(act.db, pull.id)?;
        let fields = Map::from_iter([
            ("before".to_owned(), Value::from(change.before.as_str())),
            ("after".to_owned(), Value::from(change.after.as_str())),
        ]);
        issue::announce(act, repository, &fresh, actor, "synchronize", fields)?;
    }
    Ok(())
}

fn payload(act: &Act<'_>, repository: &Repository, actor: &Actor, change: &Moved) -> Value {
    let base = format!("{}/{}", act.site.base, repository.full_name());
    let commits: Vec<Value> = change
        .commits
        .iter()
        .map(|commit| {
            json!({
                "id": commit.sha,
                "message": commit.message,
                "timestamp": commit.date,
                "url": format!("{base}/commit/{}", commit.sha),
                "author": {"name": commit.author},
            })
        })
        .collect();
    json!({
        "ref": change.name,
        "before": change.before,
        "after": change.after,
        "created": change.before == NOTHING,
        "deleted": change.after == NOTHING,
        "forced": false,
        "compare": format!("{base}/compare/{}...{}", change.before, change.after),
        "head_commit": commits.last(),
        "commits": commits,
        "pusher": {"name": actor.account.login},
    })
}
