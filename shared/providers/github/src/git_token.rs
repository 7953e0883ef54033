//! Tokens for one repository.

use std::collections::BTreeMap;

use domain::{CodeTarget, RepositoryAccess};
use http::Method;
use jiff::Timestamp;
use ports::MintedToken;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::{
    GitHub, GitHubError, answer, app::App, scope::Scope, tokens::TokenKey, transport::Call,
};

#[derive(Serialize)]
struct Wanted {
    repository_ids: [u64; 1],
    permissions: BTreeMap<&'static str, &'static str>,
}

#[derive(Deserialize)]
struct Minted {
    token: SecretString,
    expires_at: Timestamp,
}

impl GitHub {
    /// Mints a token for git in the target's repository alone. Every call mints a new one, so that no two jobs
    /// share theirs. [`GitHubError::Forbidden`] if the installation does not hold the permissions.
    pub async fn mint_git_token(
        &self,
        target: &CodeTarget,
        access: RepositoryAccess,
    ) -> Result<MintedToken, GitHubError> {
        let scope = match access {
            RepositoryAccess::Read => Scope::GitRead,
            RepositoryAccess::Write => Scope::GitWrite,
        };
        self.0
            .mint(TokenKey {
                installation: target.connection().installation(),
                repository: target.repository().id,
                scope,
            })
            .await
    }
}

impl App {
    /// Mints a token; a second one is as good as the first, so the call is repeatable.
    pub(crate) async fn mint(&self, key: TokenKey) -> Result<MintedToken, GitHubError> {
        let id = key.installation.as_str();
        let url = self
            .transport
            .url(&["app", "installations", id, "access_tokens"])?;
        let repository = key.repository.number();
        let wanted = Wanted {
            repository_ids: [repository.ok_or(GitHubError::NotFound)?],
            permissions: key.scope.permissions(),
        };
        let call = Call::write(Method::POST, url, &wanted)?.repeatable();
        let response = self.as_app(call).await.map_err(|error| match error {
            // GitHub calls a repository or permission outside the grant unprocessable.
            GitHubError::Invalid { .. } => GitHubError::Forbidden,
            other => other,
        })?;
        let Minted { token, expires_at } = answer::read(&response)?;
        if token.expose_secret().is_empty() {
            return Err(GitHubError::unexpected("an empty token"));
        }
        Ok(MintedToken { token, expires_at })
    }
}
