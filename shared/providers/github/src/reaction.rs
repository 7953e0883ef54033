//! Reactions: the smallest possible answer.

use domain::{CommentId, InstallationId, ItemNumber, Repository};
use http::Method;
use serde::Serialize;

use crate::{GitHub, GitHubError, scope::Scope, transport::Call};

/// A reaction that the app uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Reaction {
    /// Seen.
    #[serde(rename = "eyes")]
    Eyes,
    /// Done.
    #[serde(rename = "rocket")]
    Rocket,
    /// Agreed.
    #[serde(rename = "+1")]
    ThumbsUp,
    /// Not done.
    #[serde(rename = "-1")]
    ThumbsDown,
    /// It did not go as asked.
    #[serde(rename = "confused")]
    Confused,
}

/// What to react to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReactionTarget {
    /// An issue or pull request itself.
    Item(ItemNumber),
    /// A comment on one.
    Comment(CommentId),
}

#[derive(Serialize)]
struct Body {
    content: Reaction,
}

impl GitHub {
    /// Reacts. Doing it again changes nothing.
    pub async fn react(
        &self,
        installation: InstallationId,
        repository: &Repository,
        target: ReactionTarget,
        reaction: Reaction,
    ) -> Result<(), GitHubError> {
        let url = match target {
            ReactionTarget::Item(number) => {
                self.in_repository(repository, &["issues", &number.to_string(), "reactions"])?
            }
            ReactionTarget::Comment(comment) => {
                let comment = comment.to_string();
                self.in_repository(repository, &["issues", "comments", &comment, "reactions"])?
            }
        };
        let call = Call::write(Method::POST, url, &Body { content: reaction })?.repeatable();
        let response = self
            .0
            .as_installation(installation, repository, Scope::Talk, call)
            .await?;
        if response.status.is_success() {
            Ok(())
        } else {
            Err(GitHubError::unexpected(format!(
                "status {}",
                response.status
            )))
        }
    }
}
