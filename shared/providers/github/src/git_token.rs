//! Tokens for one repository.

use std::collections::BTreeMap;

use domain::CodeTarget;
use http::Method;
use secrecy::ExposeSecret;
use serde::Serialize;

use crate::{
    GitHub, GitHubError, answer, app::App, minted_token::MintedToken, scope::Scope,
    tokens::TokenKey, transport::Call,
};

/// What a git token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Clone and fetch, and read issues and pull requests.
    Read,
    /// Push branches and open pull requests as well. Never change workflows.
    Write,
}

#[derive(Serialize)]
struct Wanted {
    repository_ids: [u64; 1],
    permissions: BTreeMap<&'static str, &'static str>,
}

impl GitHub {
    /// Mints a token for git in the target's repository alone. Every call mints a new one, so that no two jobs
    /// share theirs. [`GitHubError::Forbidden`] if the installation does not hold the permissions.
    pub async fn mint_git_token(
        &self,
        target: &CodeTarget,
        access: Access,
    ) -> Result<MintedToken, GitHubError> {
        let scope = match access {
            Access::Read => Scope::GitRead,
            Access::Write => Scope::GitWrite,
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
        let minted: MintedToken = answer::read(&response)?;
        if minted.token.expose_secret().is_empty() {
            return Err(GitHubError::unexpected("an empty token"));
        }
        Ok(minted)
    }
}
