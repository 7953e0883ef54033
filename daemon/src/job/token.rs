//! Git credentials: asked for just before they are used, revoked right after.

use std::sync::Arc;

use contract::worker::{GitAccess, GitToken, TokenSource};
use domain::FailureKind;
use egress::WorkerError;
use github::GitHubWithToken;
use jiff::Timestamp;
use secrecy::SecretString;
use tokio::sync::oneshot;

use super::{
    JobContext, JobError,
    retry::{Again, Age},
    revocations::Revocations,
};

/// A git credential at work. However the step ends that it is for, it is revoked afterwards; [`Job::revoke`] waits for
/// that.
#[derive(Debug)]
#[must_use = "a credential is revoked when it is dropped"]
pub(super) struct Token {
    minted: GitToken,
    since: Timestamp,
    revocations: Arc<Revocations>,
}

impl Token {
    /// What git and the API are told.
    pub(super) fn secret(&self) -> &SecretString {
        &self.minted.token
    }

    /// Whether it is so new at its first use that it may not be known everywhere. An operator's has been there for long.
    pub(super) const fn age_at_first(&self) -> Age {
        match self.minted.source {
            TokenSource::Operator => Age::Old,
            TokenSource::Installation => Age::New,
        }
    }

    /// The failure that a "no" to it means; `usual` if it is the app's.
    pub(super) fn refused(&self, again: Again, usual: FailureKind) -> FailureKind {
        match (self.minted.source, again) {
            (TokenSource::Operator, Again::NotYet) => {
                tracing::warn!(
                    "GitHub refuses the operator's token, or does not let it at this repository"
                );
                FailureKind::OperatorTokenRefused
            }
            _ => usual,
        }
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        match self.minted.source {
            TokenSource::Operator => {}
            TokenSource::Installation => self.revocations.begin(&self.minted.token),
        }
    }
}

impl JobContext<'_> {
    /// A git credential, minted now; `failure` is what it means for the job if there is none.
    pub(super) async fn token(
        &self,
        access: GitAccess,
        failure: FailureKind,
    ) -> Result<Token, JobError> {
        match self.retrying(|| self.minted(access)).await {
            Ok(token) => Ok(token),
            Err(error) => {
                self.lease.judge(&error)?;
                Err(failure.into())
            }
        }
    }

    /// One credential. What is on its way here when the work is stopped arrives all the same, so that it can be revoked.
    async fn minted(&self, access: GitAccess) -> Result<Token, WorkerError> {
        let (lease, secrets) = (self.lease.clone(), self.secrets.clone());
        let (revocations, clock) = (self.revocations.clone(), self.daemon.clock.clone());
        let (give, given) = oneshot::channel();
        self.revocations.spawn(async move {
            let minted = lease.git_token(access).await;
            let token = minted.map(|minted| {
                secrets.learn(&minted.token);
                let since = clock.now();
                Token {
                    minted,
                    since,
                    revocations,
                }
            });
            // Where nobody waits for it any more, it is dropped.
            drop(give.send(token));
        });
        given.await.unwrap_or_else(|_| {
            let reason = "the call fell over".to_owned();
            Err(WorkerError::Unavailable {
                reason,
                retry_after: None,
            })
        })
    }

    /// Whether `token` is still so new that it may not be known everywhere.
    pub(super) fn age(&self, token: &Token) -> Age {
        let passed = self.daemon.clock.now().duration_since(token.since);
        token.age_at_first().max(Age::after(passed, self.not_yet()))
    }

    /// GitHub as `token` lets us see it.
    pub(super) fn github(&self, token: &Token) -> GitHubWithToken {
        self.revocations.github(token.secret())
    }

    /// Revokes the credential, and waits for that.
    pub(super) async fn revoke(&self, token: Token) {
        drop(token);
        self.revocations.done().await;
    }
}
