//! Where the change of a pull request lies.

use domain::{CodeTarget, CommitSha, ItemId, RepositoryId};
use ports::PullHead;
use serde::Deserialize;

use crate::{GitHub, GitHubError, answer, answer::number, scope::Scope, transport::Call};

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
    #[serde(deserialize_with = "number")]
    id: RepositoryId,
}

impl GitHub {
    /// Where the change of pull request `number` of the repository lies.
    pub async fn pull_head(
        &self,
        target: &CodeTarget,
        number: ItemId,
    ) -> Result<PullHead, GitHubError> {
        let (installation, repository) = (target.connection().installation(), target.repository());
        let url = self.in_repository(repository, &["pulls", number.as_str()])?;
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
