//! Where the change of a pull request lies.

use domain::{CommitSha, InstallationId, ItemNumber, Repository, RepositoryId};
use serde::Deserialize;

use crate::{GitHub, GitHubError, answer, scope::Scope, transport::Call};

/// Where the change of a pull request lies, as GitHub tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullHead {
    /// The repository of the branch; none if it was a fork that is gone.
    pub repository: Option<RepositoryId>,
    /// The branch.
    pub branch: String,
    /// Its newest commit.
    pub revision: CommitSha,
    /// The page that people open.
    pub url: String,
}

#[derive(Deserialize)]
struct Pull {
    html_url: String,
    head: Head,
}

#[derive(Deserialize)]
struct Head {
    #[serde(rename = "ref")]
    branch: String,
    sha: CommitSha,
    repo: Option<HeadRepository>,
}

#[derive(Deserialize)]
struct HeadRepository {
    id: RepositoryId,
}

impl GitHub {
    /// Where the change of pull request `number` of `repository` lies.
    pub async fn pull_head(
        &self,
        installation: InstallationId,
        repository: &Repository,
        number: ItemNumber,
    ) -> Result<PullHead, GitHubError> {
        let (owner, name) = (repository.owner.as_str(), repository.name.as_str());
        let number = number.to_string();
        let url = self
            .0
            .transport
            .url(&["repos", owner, name, "pulls", &number])?;
        let call = Call::get(url);
        let asked = self
            .0
            .as_installation(installation, repository, Scope::Pulls, call);
        let pull: Pull = answer::read(&asked.await?)?;
        Ok(PullHead {
            repository: pull.head.repo.map(|repo| repo.id),
            branch: pull.head.branch,
            revision: pull.head.sha,
            url: pull.html_url,
        })
    }
}
