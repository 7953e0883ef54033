//! The parts of GitHub's payloads that are read.

use domain::{CommentId, InstallationId, ItemNumber, Login, RepoName, RepositoryId};
use serde::{Deserialize, de::IgnoredAny};

/// What every payload may have.
#[derive(Deserialize)]
pub(super) struct Envelope {
    pub(super) action: Option<String>,
    pub(super) installation: Option<Installation>,
}

#[derive(Deserialize)]
pub(super) struct Installation {
    pub(super) id: InstallationId,
}

/// `issue_comment`.
#[derive(Deserialize)]
pub(super) struct CommentPayload {
    pub(super) repository: RepositoryPart,
    pub(super) issue: IssuePart,
    pub(super) comment: CommentPart,
    pub(super) sender: SenderPart,
}

/// `issues` and `pull_request` with the action `labeled`.
#[derive(Deserialize)]
pub(super) struct LabelPayload {
    pub(super) repository: RepositoryPart,
    pub(super) issue: Option<IssuePart>,
    pub(super) pull_request: Option<IssuePart>,
    /// Missing if the label was deleted in the meantime.
    pub(super) label: Option<LabelPart>,
    pub(super) sender: SenderPart,
}

#[derive(Deserialize)]
pub(super) struct RepositoryPart {
    pub(super) id: RepositoryId,
    pub(super) name: RepoName,
    pub(super) owner: OwnerPart,
}

#[derive(Deserialize)]
pub(super) struct OwnerPart {
    pub(super) login: Login,
}

/// An issue, or a pull request in either of its two forms.
#[derive(Deserialize)]
pub(super) struct IssuePart {
    pub(super) number: ItemNumber,
    pub(super) title: String,
    pub(super) body: Option<String>,
    /// Only there if the issue is a pull request.
    pub(super) pull_request: Option<IgnoredAny>,
}

#[derive(Deserialize)]
pub(super) struct CommentPart {
    pub(super) id: CommentId,
    pub(super) body: Option<String>,
    /// The app through which somebody wrote it.
    pub(super) performed_via_github_app: Option<IgnoredAny>,
}

#[derive(Deserialize)]
pub(super) struct LabelPart {
    pub(super) name: String,
}

#[derive(Deserialize)]
pub(super) struct SenderPart {
    pub(super) login: Login,
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
}
