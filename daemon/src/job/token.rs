//! Git credentials: asked for just before they are used, revoked right after.

use contract::worker::{GitAccess, GitToken, TokenSource};
use domain::FailureKind;
use egress::GitHubWithToken;
use secrecy::SecretString;

use super::{Halt, Job};

/// A git credential at work. It must not outlive the step it is for: [`Job::revoke`] ends it.
#[derive(Debug)]
#[must_use = "a credential is revoked after use"]
pub(super) struct Token(GitToken);

impl Token {
    /// What git and the API are told.
    pub(super) fn secret(&self) -> &SecretString {
        &self.0.token
    }
}

impl Job<'_> {
    /// A git credential, minted now; `failure` is what it means for the job if there is none.
    pub(super) async fn token(
        &self,
        access: GitAccess,
        failure: FailureKind,
    ) -> Result<Token, Halt> {
        let minted = self.retrying(|| self.lease.git_token(access)).await;
        match minted {
            Ok(token) => Ok(Token(token)),
            Err(error) => {
                self.lease.judge(&error)?;
                Err(failure.into())
            }
        }
    }

    /// GitHub as `token` lets us see it.
    pub(super) fn github(&self, token: &Token) -> GitHubWithToken {
        let daemon = self.daemon;
        let api = daemon.config.github_api.clone();
        let secret = token.secret().clone();
        GitHubWithToken::new(daemon.http.clone(), api, secret, daemon.clock.clone())
    }

    /// Revokes the credential. If GitHub does not let us, it ends by itself within the hour, which the log says.
    pub(super) async fn revoke(&self, token: Token) {
        match token.0.source {
            TokenSource::Operator => return,
            TokenSource::Installation => {}
        }
        let github = self.github(&token);
        match self.retrying(|| github.revoke()).await {
            Ok(()) => tracing::info!("the git credential is revoked"),
            Err(error) => tracing::warn!(%error, "the git credential could not be revoked"),
        }
    }
}
