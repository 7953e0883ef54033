//! Issues, comments, labels and reactions.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::{app, user};
use crate::actions::Act;
use crate::error::Error;
use crate::site::Site;
use crate::state::comments::{self, Comment};
use crate::state::issues::{Issue, StateReason};
use crate::state::labels::{self, Label};
use crate::state::permissions::association;
use crate::state::reactions::{self, Reaction};
use crate::state::repositories::Repository;
use crate::text::{node_id, time};

/// An issue, or the issue half of a pull request.
pub(crate) fn issue(act: &Act<'_>, repository: &Repository, issue: &Issue) -> Result<Value, Error> {
    let full_name = repository.full_name();
    let url = format!(
        "{}/repos/{full_name}/issues/{}",
        act.site.api(),
        issue.number
    );
    let labels: Vec<Value> = labels::of_issue(act.db, issue.id)?
        .iter()
        .map(|one| label(act.site, repository, one))
        .collect();
    let mut value = json!({
        "id": issue.id,
        "node_id": node_id("I", issue.id),
        "number": issue.number,
        "title": issue.title,
        "body": issue.body,
        "user": user(act.site, &issue.author),
        "labels": labels,
        "state": if issue.open { "open" } else { "closed" },
        "state_reason": issue.state_reason.map(StateReason::as_str),
        "locked": issue.locked,
        "active_lock_reason": null,
        "assignees": [],
        "comments": comments::count(act.db, issue.id)?,
        "author_association": association(act.db, repository, &issue.author)?,
        "url": url,
        "html_url": html_url(act.site, repository, issue),
        "comments_url": format!("{url}/comments"),
        "repository_url": format!("{}/repos/{full_name}", act.site.api()),
        "created_at": time(issue.created_at),
        "updated_at": time(issue.updated_at),
        "closed_at": issue.closed_at.map(time),
        "performed_via_github_app": issue.via_app.then(|| app(act.site)),
        "reactions": reaction_counts(act, &format!("{url}/reactions"), issue.id)?,
    });
    if let Some(pull) = &issue.pull {
        let number = issue.number;
        value["draft"] = pull.draft.into();
        value["pull_request"] = json!({
            "url": format!("{}/repos/{full_name}/pulls/{number}", act.site.api()),
            "html_url": html_url(act.site, repository, issue),
            "merged_at": pull.merge.as_ref().map(|merge| time(merge.at)),
        });
    }
    Ok(value)
}

/// The page of an issue or a pull request.
pub(crate) fn html_url(site: &Site, repository: &Repository, issue: &Issue) -> String {
    let kind = if issue.pull.is_some() {
        "pull"
    } else {
        "issues"
    };
    format!(
        "{}/{}/{kind}/{}",
        site.base,
        repository.full_name(),
        issue.number
    )
}

/// A comment.
pub(crate) fn comment(
    act: &Act<'_>,
    repository: &Repository,
    issue: &Issue,
    comment: &Comment,
) -> Result<Value, Error> {
    let repo_url = format!("{}/repos/{}", act.site.api(), repository.full_name());
    let url = format!("{repo_url}/issues/comments/{}", comment.id);
    let page = html_url(act.site, repository, issue);
    Ok(json!({
        "id": comment.id,
        "node_id": node_id("IC", comment.id),
        "url": url,
        "html_url": format!("{page}#issuecomment-{}", comment.id),
        "issue_url": format!("{repo_url}/issues/{}", issue.number),
        "body": comment.body,
        "user": user(act.site, &comment.author),
        "author_association": association(act.db, repository, &comment.author)?,
        "created_at": time(comment.created_at),
        "updated_at": time(comment.updated_at),
        "performed_via_github_app": comment.via_app.then(|| app(act.site)),
        "reactions": reaction_counts(act, &format!("{url}/reactions"), comment.id)?,
    }))
}

/// A label. All have one colour; nothing depends on it.
pub(crate) fn label(site: &Site, repository: &Repository, label: &Label) -> Value {
    let name = utf8_percent_encode(&label.name, NON_ALPHANUMERIC);
    json!({
        "id": label.id,
        "node_id": node_id("LA", label.id),
        "url": format!("{}/repos/{}/labels/{name}", site.api(), repository.full_name()),
        "name": label.name,
        "color": "ededed",
        "default": false,
        "description": null,
    })
}

/// A reaction.
pub(crate) fn reaction(site: &Site, reaction: &Reaction) -> Value {
    json!({
        "id": reaction.id,
        "node_id": node_id("REA", reaction.id),
        "user": user(site, &reaction.author),
        "content": reaction.content,
        "created_at": time(reaction.created_at),
    })
}

fn reaction_counts(act: &Act<'_>, url: &str, subject_id: u64) -> Result<Value, Error> {
    let all = reactions::of_subject(act.db, subject_id)?;
    let mut counts = json!({"url": url, "total_count": all.len()});
    for (content, _) in reactions::CONTENTS {
        counts[content] = all
            .iter()
            .filter(|one| one.content == content)
            .count()
            .into();
    }
    Ok(counts)
}
