//! What a pull request is now, and what it changes.

use domain::{CommitSha, ItemNumber, Repository};
use serde::Deserialize;
use url::Url;

use crate::{GitHubError, GitHubWithToken, answer, transport::Call};

/// A diff in git's own form.
const DIFF: &str = "application/vnd.github.diff";

/// What a pull request is now, and how much was said about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullNow {
    /// Its newest commit.
    pub head: CommitSha,
    /// The newest commit of the branch that it goes to.
    pub base: CommitSha,
    /// How many comments it has.
    pub comments: u64,
    /// How many comments its lines have.
    pub review_comments: u64,
}

#[derive(Deserialize)]
struct Pull {
    head: End,
    base: End,
    comments: u64,
    review_comments: u64,
}

#[derive(Deserialize)]
struct End {
    sha: CommitSha,
}

impl GitHubWithToken {
    /// What a pull request is now.
    pub async fn pull_now(
        &self,
        repository: &Repository,
        number: ItemNumber,
    ) -> Result<PullNow, GitHubError> {
        let number = number.to_string();
        let url = self.url(repository, &["pulls", &number])?;
        let pull: Pull = answer::read(&self.send(Call::get(url)).await?)?;
        Ok(PullNow {
            head: pull.head.sha,
            base: pull.base.sha,
            comments: pull.comments,
            review_comments: pull.review_comments,
        })
    }

    /// What a pull request changes now, as a diff. [`GitHubError::TooLarge`] if GitHub does not show that much at once.
    pub async fn pull_diff(
        &self,
        repository: &Repository,
        number: ItemNumber,
    ) -> Result<String, GitHubError> {
        let number = number.to_string();
        self.diff(self.url(repository, &["pulls", &number])?).await
    }

    /// What `head` changed since it left `base`, as a diff. [`GitHubError::TooLarge`] if GitHub does not show that much at
    /// once.
    pub async fn diff_since(
        &self,
        repository: &Repository,
        base: &CommitSha,
        head: &CommitSha,
    ) -> Result<String, GitHubError> {
        let ends = format!("{base}...{head}");
        self.diff(self.url(repository, &["compare", &ends])?).await
    }

    async fn diff(&self, url: Url) -> Result<String, GitHubError> {
        let response = self.send(Call::get(url).accepting(DIFF)).await?;
        if !response.status.is_success() {
            let reason = format!("status {}", response.status);
            return Err(GitHubError::unexpected(reason));
        }
        Ok(String::from_utf8_lossy(&response.body).into_owned())
    }
}
