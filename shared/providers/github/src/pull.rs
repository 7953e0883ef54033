//! Pull requests.

use domain::{ItemNumber, PullRequest, Repository, RepositoryId};
use http::Method;
use serde::{Deserialize, Serialize};

use crate::{
    GitHubError, GitHubWithToken, answer, answer::number, comment::COMMENT_LIMIT, transport::Call,
};

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
    /// Whether it says itself that it is not to be merged yet.
    pub readiness: Readiness,
}

/// Whether a pull request says itself that it is not to be merged yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// A draft.
    Draft,
    /// An ordinary one, for repositories that have no drafts.
    Ordinary,
}

/// Why a pull request was not opened. Each variant is another thing to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PullError {
    /// The repository has no drafts; an ordinary one is possible.
    #[error("the repository has no drafts")]
    NoDrafts,
    /// GitHub does not know the branch with the change, or sees no commit on it. For some seconds after a push that
    /// means "not yet".
    #[error("GitHub does not know the branch with the change")]
    HeadUnknown,
    /// GitHub does not know the branch that the change is for.
    #[error("GitHub does not know the branch that the change is for")]
    BaseUnknown,
    /// Anything that is not about the pull request alone.
    #[error(transparent)]
    GitHub(#[from] GitHubError),
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
    /// None if the repository, a fork, was deleted.
    repo: Option<HeadRepository>,
}

#[derive(Deserialize)]
struct HeadRepository {
    #[serde(deserialize_with = "number")]
    id: RepositoryId,
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
        // A filter that GitHub cannot read is ignored, and then every pull request is in the answer. One owner may also
        // have the same branch in a fork.
        Ok(pulls
            .into_iter()
            .find(|pull| pull.head.is(repository, branch))
            .map(Pull::into_domain))
    }

    /// Opens a pull request. If the branch has an open pull request already, as after a first try whose
    /// answer was lost, that one is the result.
    pub async fn create_pull(
        &self,
        repository: &Repository,
        pull: &NewPull,
    ) -> Result<PullRequest, PullError> {
        if pull.body.chars().count() > COMMENT_LIMIT {
            let message = format!("the text is longer than {COMMENT_LIMIT} characters");
            return Err(GitHubError::Invalid { message }.into());
        }
        let opening = Opening {
            title: &pull.title,
            body: &pull.body,
            head: &pull.head,
            base: &pull.base,
            draft: pull.readiness == Readiness::Draft,
            maintainer_can_modify: false,
        };
        let url = self.url(repository, &["pulls"])?;
        match self.send(Call::write(Method::POST, url, &opening)?).await {
            Ok(response) => Ok(answer::read::<Pull>(&response)?.into_domain()),
            Err(GitHubError::Invalid { message }) if message.contains("already exists") => self
                .find_pull_by_head(repository, &pull.head)
                .await?
                .ok_or_else(|| GitHubError::Invalid { message }.into()),
            Err(error) => Err(refused(error)),
        }
    }
}

/// What GitHub's words about a refused pull request mean.
fn refused(error: GitHubError) -> PullError {
    let GitHubError::Invalid { message } = &error else {
        return error.into();
    };
    let message = message.to_ascii_lowercase();
    let says = |words: &str| message.contains(words);
    if says("draft pull requests are not supported") || says("drafts are not supported") {
        PullError::NoDrafts
    } else if says("head: invalid") || says("no commits between") {
        PullError::HeadUnknown
    } else if says("base: invalid") {
        PullError::BaseUnknown
    } else {
        error.into()
    }
}

impl Head {
    fn is(&self, repository: &Repository, branch: &str) -> bool {
        let same = |repo: &HeadRepository| repo.id == repository.id;
        self.branch == branch && self.repo.as_ref().is_some_and(same)
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
