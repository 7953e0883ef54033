//! The parts of GitHub's payloads that are read.

use domain::{
    AccountId, CommitSha, InstallationId, ItemId, Login, MessageId, RepoName, RepositoryId,
};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, de::IgnoredAny};

/// An id that is a number at GitHub.
fn number<'de, D: Deserializer<'de>, T: From<u64>>(from: D) -> Result<T, D::Error> {
    u64::deserialize(from).map(T::from)
}

/// What every payload may have.
#[derive(Deserialize)]
pub(super) struct Envelope {
    pub(super) action: Option<String>,
}

/// Whose a delivery is, if it says so.
#[derive(Deserialize)]
pub(super) struct InstalledPayload {
    pub(super) installation: Option<Installation>,
}

/// What a delivery is about, if it says so.
#[derive(Deserialize)]
pub(super) struct LocatedPayload {
    pub(super) repository: Option<NumberedPart>,
}

#[derive(Deserialize)]
pub(super) struct NumberedPart {
    #[serde(deserialize_with = "number")]
    pub(super) id: RepositoryId,
}

#[derive(Deserialize)]
pub(super) struct Installation {
    #[serde(deserialize_with = "number")]
    pub(super) id: InstallationId,
}

/// `issue_comment`, written or changed.
#[derive(Deserialize)]
pub(super) struct CommentPayload {
    pub(super) repository: RepositoryPart,
    pub(super) issue: IssuePart,
    pub(super) comment: CommentPart,
    pub(super) changes: Option<ChangesPart>,
    pub(super) sender: SenderPart,
}

/// `issues` and `pull_request`: opened, changed or labelled.
#[derive(Deserialize)]
pub(super) struct ItemPayload {
    pub(super) repository: RepositoryPart,
    pub(super) issue: Option<IssuePart>,
    pub(super) pull_request: Option<IssuePart>,
    /// Missing if the label was deleted in the meantime, and where no label is meant.
    pub(super) label: Option<LabelPart>,
    pub(super) changes: Option<ChangesPart>,
    pub(super) sender: SenderPart,
}

/// What was changed.
#[derive(Deserialize)]
pub(super) struct ChangesPart {
    pub(super) body: Option<FormerPart>,
}

/// What stood there before.
#[derive(Deserialize)]
pub(super) struct FormerPart {
    pub(super) from: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct RepositoryPart {
    #[serde(deserialize_with = "number")]
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
    #[serde(deserialize_with = "number")]
    pub(super) number: ItemId,
    pub(super) title: String,
    pub(super) body: Option<String>,
    pub(super) created_at: Option<Timestamp>,
    pub(super) updated_at: Option<Timestamp>,
    /// Only there if the issue is a pull request.
    pub(super) pull_request: Option<IgnoredAny>,
    /// Only there in a pull request itself.
    pub(super) head: Option<HeadPart>,
    /// The app through which somebody opened it.
    pub(super) performed_via_github_app: Option<IgnoredAny>,
}

/// The newest commit of a pull request.
#[derive(Deserialize)]
pub(super) struct HeadPart {
    pub(super) sha: Option<CommitSha>,
}

#[derive(Deserialize)]
pub(super) struct CommentPart {
    #[serde(deserialize_with = "number")]
    pub(super) id: MessageId,
    pub(super) body: Option<String>,
    pub(super) created_at: Option<Timestamp>,
    pub(super) updated_at: Option<Timestamp>,
    /// The app through which somebody wrote it.
    pub(super) performed_via_github_app: Option<IgnoredAny>,
}

#[derive(Deserialize)]
pub(super) struct LabelPart {
    pub(super) name: String,
}

#[derive(Deserialize)]
pub(super) struct SenderPart {
    #[serde(deserialize_with = "number")]
    pub(super) id: AccountId,
    pub(super) login: Login,
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
}
