//! What is known about a repository.

use domain::{Repository, RepositoryId};
use serde::Deserialize;
use url::Url;

use crate::{GitHub, GitHubError, answer::number};

/// What GitHub tells about a repository.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct RepositoryInfo {
    /// What stays when it is renamed.
    #[serde(deserialize_with = "number")]
    pub id: RepositoryId,
    /// The branch that pull requests go to.
    pub default_branch: String,
    /// Whether nobody may write to it any more.
    #[serde(default)]
    pub archived: bool,
}

impl GitHub {
    /// The address of something in `repository`.
    pub(crate) fn in_repository(
        &self,
        repository: &Repository,
        rest: &[&str],
    ) -> Result<Url, GitHubError> {
        self.0.transport.url(&segments(repository, rest))
    }
}

/// The path of something in `repository`.
pub(crate) fn segments<'a>(repository: &'a Repository, rest: &[&'a str]) -> Vec<&'a str> {
    let mut all = vec!["repos", repository.owner.as_str(), repository.name.as_str()];
    all.extend(rest);
    all
}
