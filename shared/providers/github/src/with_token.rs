//! GitHub, with one token that somebody else minted.

use domain::{AccountId, Login, Repository, SharedClock};
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use crate::{
    GitHubError, RepositoryInfo, answer,
    answer::number,
    limits::Account,
    repository::segments,
    transport::{Call, Transport},
};
use egress::{HttpClient, Response};

/// GitHub as a daemon sees it: no app, no key, only a token for one repository. A token that is no
/// longer accepted is [`GitHubError::Unauthorized`].
#[derive(Debug)]
pub struct GitHubWithToken {
    transport: Transport,
    token: SecretString,
}

#[derive(Deserialize)]
struct AccountInfo {
    #[serde(deserialize_with = "number")]
    id: AccountId,
}

impl GitHubWithToken {
    /// A client of the REST API at `api` that uses `token` for everything.
    pub fn new(http: HttpClient, api: Url, token: SecretString, clock: SharedClock) -> Self {
        Self {
            transport: Transport::new(http, api, clock),
            token,
        }
    }

    /// What GitHub tells about `repository`.
    pub async fn repository(&self, repository: &Repository) -> Result<RepositoryInfo, GitHubError> {
        answer::read(&self.send(Call::get(self.url(repository, &[])?)).await?)
    }

    /// The id of the account `login`.
    pub async fn account_id(&self, login: &Login) -> Result<AccountId, GitHubError> {
        let url = self.transport.url(&["users", login.as_str()])?;
        Ok(answer::read::<AccountInfo>(&self.send(Call::get(url)).await?)?.id)
    }

    /// Revokes the token itself. One that is no longer accepted needs no revoking.
    pub async fn revoke(&self) -> Result<(), GitHubError> {
        let url = self.transport.url(&["installation", "token"])?;
        match self.send(Call::delete(url)).await {
            Ok(_) | Err(GitHubError::Unauthorized) => Ok(()),
            Err(error) => Err(error),
        }
    }

    pub(crate) fn url(&self, repository: &Repository, rest: &[&str]) -> Result<Url, GitHubError> {
        self.transport.url(&segments(repository, rest))
    }

    pub(crate) async fn send(&self, call: Call) -> Result<Response, GitHubError> {
        self.transport.send(Account::Token, &self.token, call).await
    }
}
