//! Reactions: the smallest possible answer.

use domain::{MessageId, Subject};
use http::Method;
use serde::Serialize;

use crate::{GitHub, GitHubError, item::Item, transport::Call};

/// A reaction that the app uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Reaction {
    /// Seen.
    #[serde(rename = "eyes")]
    Eyes,
    /// Done.
    #[serde(rename = "rocket")]
    Rocket,
    /// Not done.
    #[serde(rename = "-1")]
    ThumbsDown,
    /// It did not go as asked.
    #[serde(rename = "confused")]
    Confused,
}

#[derive(Serialize)]
struct Body {
    content: Reaction,
}

impl GitHub {
    /// Reacts to a comment, or else to the issue or pull request itself. Doing it again changes nothing.
    pub async fn react(
        &self,
        subject: &Subject,
        comment: Option<MessageId>,
        reaction: Reaction,
    ) -> Result<(), GitHubError> {
        let item = Item::of(subject)?;
        let path = match &comment {
            None => vec!["issues", item.number.as_str(), "reactions"],
            Some(comment) => vec!["issues", "comments", comment.as_str(), "reactions"],
        };
        let url = self.in_repository(&item.repository, &path)?;
        let call = Call::write(Method::POST, url, &Body { content: reaction })?.repeatable();
        let response = self.talk(&item, call).await?;
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
