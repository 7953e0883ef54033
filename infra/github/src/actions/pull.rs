//! Opening pull requests.

use serde_json::Map;

use super::{Act, Actor, issue};
use crate::error::Error;
use crate::state::issues::{self, Issue, NewIssue, Pull};
use crate::state::repositories::{Repository, Setting};

/// What a pull request is opened with, after git has been asked about its branches.
#[derive(Debug)]
pub(crate) struct NewPull {
    pub(crate) title: String,
    pub(crate) body: Option<String>,
    pub(crate) draft: bool,
    pub(crate) head: String,
    pub(crate) base: String,
    /// Commit of the head, if there is such a branch.
    pub(crate) head_sha: Option<String>,
    /// Commit of the base, if there is such a branch.
    pub(crate) base_sha: Option<String>,
    /// How many commits the head has that the base has not.
    pub(crate) commits: u64,
}

/// Opens a pull request.
pub(crate) fn open(
    act: &Act<'_>,
    repository: &Repository,
    actor: &Actor,
    new: NewPull,
) -> Result<Issue, Error> {
    let title = new.title.clone();
    let body = new.body.clone();
    let pull = check(act, repository, new)?;
    let new_issue = NewIssue {
        repository_id: repository.id,
        author: &actor.account,
        via_app: actor.via_app,
        title: &title,
        body: body.as_deref(),
        now: act.now,
    };
    let created = issues::insert(act.db, &new_issue)?;
    issues::insert_pull(act.db, created.id, &pull)?;
    let created = Issue {
        pull: Some(pull),
        ..created
    };
    issue::announce(act, repository, &created, actor, "opened", Map::new())?;
    Ok(created)
}

fn check(act: &Act<'_>, repository: &Repository, new: NewPull) -> Result<Pull, Error> {
    issue::check_title("PullRequest", &new.title)?;
    if new.draft && !repository.has(Setting::Drafts) {
        let message = "Draft pull requests are not supported in this repository.";
        return Err(Error::Unprocessable(message.to_owned()));
    }
    let missing = |field| Error::invalid("PullRequest", Some(field), "invalid", None);
    let base_sha = new.base_sha.ok_or_else(|| missing("base"))?;
    let head_sha = new.head_sha.ok_or_else(|| missing("head"))?;
    let twin = issues::pulls(act.db, repository.id)?
        .into_iter()
        .any(|other| {
            let same = |pull: &Pull| pull.head == new.head && pull.base == new.base;
            other.open && other.pull.as_ref().is_some_and(same)
        });
    if twin {
        let owner = &repository.owner.login;
        return Err(custom(format!(
            "A pull request already exists for {owner}:{}.",
            new.head
        )));
    }
    if new.commits == 0 {
        return Err(custom(format!(
            "No commits between {} and {}",
            new.base, new.head
        )));
    }
    Ok(Pull {
        draft: new.draft,
        head: new.head,
        base: new.base,
        head_sha,
        base_sha,
        merge: None,
    })
}

fn custom(message: String) -> Error {
    Error::invalid("PullRequest", None, "custom", Some(message))
}
