//! Pull requests.

use domain::{ItemNumber, PullRequest, Repository};
use http::Method;
use serde::{Deserialize, Serialize};

use super::{GitHubError, GitHubWithToken, answer, comment::COMMENT_LIMIT, transport::Call};

/// A pull request to open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPull {
    /// Its title.
    pub title: String,
    /// Its text, at most [`COMMENT_LIMIT`] characters.
    pub body: String,
    /// The branch with the change, in the same repository.
    pub head: String,
    /// The branch it goes to.
    pub base: String,
}

#[derive(Serialize)]
struct Opening<'a> {
    title: &'a str,
    body: &'a str,
    head: &'a str,
    base: &'a str,
    draft: bool,
    maintainer_can_modify: bool,
}

#[derive(Deserialize)]
struct Pull {
    number: ItemNumber,
    html_url: String,
    head: Head,
}

#[derive(Deserialize)]
struct Head {
    #[serde(rename = "ref")]
    branch: String,
}

impl GitHubWithToken {
    /// The open pull request whose change is on `branch` of `repository` itself.
    pub async fn find_pull_by_head(
        &self,
        repository: &Repository,
        branch: &str,
    ) -> Result<Option<PullRequest>, GitHubError> {
        let mut url = self.url(repository, &["pulls"])?;
        url.query_pairs_mut()
            .append_pair("state", "open")
            .append_pair("head", &format!("{}:{branch}", repository.owner));
        let pulls: Vec<Pull> = answer::read(&self.send(Call::get(url)).await?)?;
        // A filter that GitHub cannot read is ignored, and then every pull request is in the answer.
        Ok(pulls
            .into_iter()
            .find(|pull| pull.head.branch == branch)
            .map(Pull::into_domain))
    }

    /// Opens a draft. If the branch has an open pull request already, as after a first try whose
    /// answer was lost, that one is the result.
    pub async fn create_draft_pull(
        &self,
        repository: &Repository,
        pull: &NewPull,
    ) -> Result<PullRequest, GitHubError> {
        if pull.body.chars().count() > COMMENT_LIMIT {
            let message = format!("the text is longer than {COMMENT_LIMIT} characters");
            return Err(GitHubError::Invalid { message });
        }
        let opening = Opening {
            title: &pull.title,
            body: &pull.body,
            head: &pull.head,
            base: &pull.base,
            draft: true,
            maintainer_can_modify: false,
        };
        let url = self.url(repository, &["pulls"])?;
        match self.send(Call::write(Method::POST, url, &opening)?).await {
            Ok(response) => answer::read::<Pull>(&response).map(Pull::into_domain),
            Err(GitHubError::Invalid { message }) if message.contains("already exists") => self
                .find_pull_by_head(repository, &pull.head)
                .await?
                .ok_or(GitHubError::Invalid { message }),
            Err(error) => Err(error),
        }
    }
}

impl Pull {
    fn into_domain(self) -> PullRequest {
        PullRequest {
            number: self.number,
            branch: self.head.branch,
            url: self.html_url,
        }
    }
}
