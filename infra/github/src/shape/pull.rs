//! Pull requests.

use serde_json::{Value, json};

use super::discussion::html_url;
use super::{issue, label, repository as repository_value, user};
use crate::actions::Act;
use crate::error::Error;
use crate::state::issues::Issue;
use crate::state::labels;
use crate::state::permissions::association;
use crate::state::repositories::Repository;
use crate::text::{node_id, time};

/// A pull request; [`Error::NotFound`] for a plain issue.
pub(crate) fn pull(
    act: &Act<'_>,
    repository: &Repository,
    subject: &Issue,
) -> Result<Value, Error> {
    let half = subject.pull.as_ref().ok_or(Error::NotFound)?;
    let repo_url = format!("{}/repos/{}", act.site.api(), repository.full_name());
    let page = html_url(act.site, repository, subject);
    let as_issue = issue(act, repository, subject)?;
    let labels: Vec<Value> = labels::of_issue(act.db, subject.id)?
        .iter()
        .map(|one| label(act.site, repository, one))
        .collect();
    let end = |branch: &str, sha: &str| {
        json!({
            "label": format!("{}:{branch}", repository.owner.login),
            "ref": branch,
            "sha": sha,
            "user": user(act.site, &repository.owner),
            "repo": repository_value(act.site, repository),
        })
    };
    Ok(json!({
        "id": subject.id,
        "node_id": node_id("PR", subject.id),
        "number": subject.number,
        "url": format!("{repo_url}/pulls/{}", subject.number),
        "html_url": page,
        "diff_url": format!("{page}.diff"),
        "patch_url": format!("{page}.patch"),
        "issue_url": format!("{repo_url}/issues/{}", subject.number),
        "state": as_issue["state"],
        "locked": subject.locked,
        "draft": half.draft,
        "title": subject.title,
        "body": subject.body,
        "user": user(act.site, &subject.author),
        "labels": labels,
        "head": end(&half.head, &half.head_sha),
        "base": end(&half.base, &half.base_sha),
        "merged": half.merge.is_some(),
        "mergeable": null,
        "mergeable_state": "unknown",
        "merged_at": half.merge.as_ref().map(|merge| time(merge.at)),
        "merge_commit_sha": half.merge.as_ref().map(|merge| &merge.sha),
        "maintainer_can_modify": false,
        "author_association": association(act.db, repository, &subject.author)?,
        "comments": as_issue["comments"],
        "created_at": time(subject.created_at),
        "updated_at": time(subject.updated_at),
        "closed_at": subject.closed_at.map(time),
    }))
}
