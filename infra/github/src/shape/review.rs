//! Reviews and their comments.

use serde_json::{Value, json};

use super::discussion::html_url;
use super::user;
use crate::actions::Act;
use crate::error::Error;
use crate::state::issues::Issue;
use crate::state::permissions::association;
use crate::state::repositories::Repository;
use crate::state::reviews::{Review, ReviewComment};
use crate::text::{node_id, time};

fn pull_url(act: &Act<'_>, repository: &Repository, pull: &Issue) -> String {
    let repo_url = format!("{}/repos/{}", act.site.api(), repository.full_name());
    format!("{repo_url}/pulls/{}", pull.number)
}

/// A review.
pub(crate) fn review(
    act: &Act<'_>,
    repository: &Repository,
    pull: &Issue,
    review: &Review,
) -> Result<Value, Error> {
    let pull_url = pull_url(act, repository, pull);
    let page = html_url(act.site, repository, pull);
    let html_url = format!("{page}#pullrequestreview-{}", review.id);
    Ok(json!({
        "id": review.id,
        "node_id": node_id("PRR", review.id),
        "user": user(act.site, &review.author),
        "body": review.body,
        "state": review.state,
        "html_url": html_url,
        "pull_request_url": pull_url,
        "author_association": association(act.db, repository, &review.author)?,
        "_links": {"html": {"href": html_url}, "pull_request": {"href": pull_url}},
        "submitted_at": time(review.submitted_at),
        "commit_id": review.sha,
    }))
}

/// A comment on lines.
pub(crate) fn review_comment(
    act: &Act<'_>,
    repository: &Repository,
    pull: &Issue,
    comment: &ReviewComment,
) -> Result<Value, Error> {
    let pull_url = pull_url(act, repository, pull);
    let repo_url = format!("{}/repos/{}", act.site.api(), repository.full_name());
    let url = format!("{repo_url}/pulls/comments/{}", comment.id);
    let page = html_url(act.site, repository, pull);
    let html_url = format!("{page}#discussion_r{}", comment.id);
    let outdated = pull
        .pull
        .as_ref()
        .is_some_and(|half| half.head_sha != comment.sha);
    let mut value = json!({
        "url": url,
        "pull_request_review_id": comment.review_id,
        "id": comment.id,
        "node_id": node_id("PRRC", comment.id),
        "diff_hunk": comment.diff_hunk,
        "path": comment.path,
        "commit_id": comment.sha,
        "original_commit_id": comment.sha,
        "user": user(act.site, &comment.author),
        "body": comment.body,
        "created_at": time(comment.created_at),
        "updated_at": time(comment.updated_at),
        "html_url": html_url,
        "pull_request_url": pull_url,
        "author_association": association(act.db, repository, &comment.author)?,
        "_links": {
            "self": {"href": url},
            "html": {"href": html_url},
            "pull_request": {"href": pull_url},
        },
        "start_line": comment.start_line,
        "original_start_line": comment.start_line,
        "start_side": comment.start_line.map(|_| comment.side.clone()),
        "line": comment.line.filter(|_| !outdated),
        "original_line": comment.line,
        "side": comment.side,
        "subject_type": if comment.line.is_some() { "line" } else { "file" },
    });
    if let Some(first) = comment.in_reply_to {
        value["in_reply_to_id"] = first.into();
    }
    Ok(value)
}
