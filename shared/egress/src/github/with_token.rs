//! GitHub, with one token that somebody else minted.

use domain::{Repository, SharedClock};
use secrecy::SecretString;
use url::Url;

use super::{
    GitHubError, RepositoryInfo, answer,
    limits::Account,
    repository::segments,
    transport::{Call, Transport},
};
use crate::{HttpClient, Response};

/// GitHub as a daemon sees it: no app, no key, only a token for one repository. A token that is no
/// longer accepted is [`GitHubError::Unauthorized`].
#[derive(Debug)]
pub struct GitHubWithToken {
    transport: Transport,
    token: SecretString,
}

impl GitHubWithToken {
    /// A client of the REST API at `api` that uses `token` for everything.
    pub fn new(http: HttpClient, api: Url, token: SecretString, clock: SharedClock) -> Self {
        Self {
            transport: Transport::new(http, api, clock),
            token,
        }
    }

    /// The branch that pull requests of `repository` go to.
    pub async fn default_branch(&self, repository: &Repository) -> Result<String, GitHubError> {
        let response = self.send(Call::get(self.url(repository, &[])?)).await?;
        Ok(answer::read::<RepositoryInfo>(&response)?.default_branch)
    }

    pub(super) fn url(&self, repository: &Repository, rest: &[&str]) -> Result<Url, GitHubError> {
        self.transport.url(&segments(repository, rest))
    }

    pub(super) async fn send(&self, call: Call) -> Result<Response, GitHubError> {
        self.transport.send(Account::Token, &self.token, call).await
    }
}
