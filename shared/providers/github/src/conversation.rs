//! What has been said about an issue or a pull request, as a daemon reads it.

use domain::{
    Excerpt, IssueComment, ItemNumber, Line, Login, MessageId, Place, Repository, Review,
    ReviewComment, ReviewCommentId, ReviewVerdict, Standing,
};
use jiff::Timestamp;
use serde::{Deserialize, de::DeserializeOwned};

use crate::{GitHubError, GitHubWithToken, answer::number};

#[derive(Deserialize)]
struct Author {
    login: String,
}

/// What the author is to the repository.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Association {
    Owner,
    Member,
    Collaborator,
    Contributor,
    None,
    #[default]
    #[serde(other)]
    Unknown,
}

#[derive(Deserialize)]
struct SaidOfAll {
    #[serde(deserialize_with = "number")]
    id: MessageId,
    user: Option<Author>,
    #[serde(default)]
    author_association: Association,
    created_at: Timestamp,
    updated_at: Option<Timestamp>,
    body: Option<String>,
}

#[derive(Deserialize)]
struct Reviewed {
    user: Option<Author>,
    #[serde(default)]
    author_association: Association,
    /// A review that was not submitted yet has none.
    submitted_at: Option<Timestamp>,
    state: String,
    body: Option<String>,
}

#[derive(Deserialize)]
struct SaidOfLines {
    id: ReviewCommentId,
    in_reply_to_id: Option<ReviewCommentId>,
    user: Option<Author>,
    #[serde(default)]
    author_association: Association,
    created_at: Timestamp,
    updated_at: Option<Timestamp>,
    path: String,
    line: Option<u64>,
    original_line: Option<u64>,
    body: Option<String>,
}

impl GitHubWithToken {
    /// The comments on an issue or pull request, without those on lines.
    pub async fn comments(
        &self,
        repository: &Repository,
        number: ItemNumber,
    ) -> Result<Excerpt<IssueComment>, GitHubError> {
        let path = ["issues", &number.to_string(), "comments"];
        let read = |one: SaidOfAll| Some(one.into_domain());
        self.said(repository, &path, read).await
    }

    /// The reviews of a pull request that were submitted.
    pub async fn reviews(
        &self,
        repository: &Repository,
        number: ItemNumber,
    ) -> Result<Excerpt<Review>, GitHubError> {
        let path = ["pulls", &number.to_string(), "reviews"];
        self.said(repository, &path, Reviewed::into_domain).await
    }

    /// The comments on lines of a pull request.
    pub async fn review_comments(
        &self,
        repository: &Repository,
        number: ItemNumber,
    ) -> Result<Excerpt<ReviewComment>, GitHubError> {
        let path = ["pulls", &number.to_string(), "comments"];
        let read = |one: SaidOfLines| Some(one.into_domain());
        self.said(repository, &path, read).await
    }

    /// The list at `path`, of which `read` makes what it means.
    async fn said<W: DeserializeOwned, T>(
        &self,
        repository: &Repository,
        path: &[&str],
        read: impl Fn(W) -> Option<T>,
    ) -> Result<Excerpt<T>, GitHubError> {
        let all: Excerpt<W> = self.list(&self.url(repository, path)?).await?;
        Ok(all.filter_map(read))
    }
}

/// The account, if it is still there and has a login as accounts have it.
fn login(author: Option<Author>) -> Option<Login> {
    author?.login.parse().ok()
}

impl From<Association> for Standing {
    fn from(association: Association) -> Self {
        match association {
            Association::Owner => Self::Owner,
            Association::Member => Self::Member,
            Association::Collaborator => Self::Collaborator,
            Association::Contributor => Self::Contributor,
            Association::None => Self::Stranger,
            Association::Unknown => Self::Unknown,
        }
    }
}

impl SaidOfAll {
    fn into_domain(self) -> IssueComment {
        IssueComment {
            id: self.id,
            author: login(self.user),
            standing: self.author_association.into(),
            at: self.created_at,
            changed: self.updated_at.unwrap_or(self.created_at),
            text: self.body.unwrap_or_default(),
        }
    }
}

impl Reviewed {
    fn into_domain(self) -> Option<Review> {
        Some(Review {
            at: self.submitted_at?,
            verdict: match self.state.to_ascii_uppercase().as_str() {
                "APPROVED" => ReviewVerdict::Approved,
                "CHANGES_REQUESTED" => ReviewVerdict::ChangesRequested,
                "DISMISSED" => ReviewVerdict::Dismissed,
                _ => ReviewVerdict::Commented,
            },
            author: login(self.user),
            standing: self.author_association.into(),
            text: self.body.unwrap_or_default(),
        })
    }
}

impl SaidOfLines {
    fn into_domain(self) -> ReviewComment {
        let line = match (self.line, self.original_line) {
            (Some(line), _) => Line::At(line),
            (None, Some(line)) => Line::Outdated(line),
            (None, None) => Line::Whole,
        };
        ReviewComment {
            id: self.id,
            answers: self.in_reply_to_id,
            author: login(self.user),
            standing: self.author_association.into(),
            at: self.created_at,
            changed: self.updated_at.unwrap_or(self.created_at),
            place: Place {
                path: self.path,
                line,
            },
            text: self.body.unwrap_or_default(),
        }
    }
}
