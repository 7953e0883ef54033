//! Where code is kept.

use std::fmt::Debug;

use async_trait::async_trait;
use domain::{CodeTarget, CommitSha, ItemId, Login, RepositoryAccess, RepositoryId};
use jiff::Timestamp;
use secrecy::SecretString;

use crate::ProviderError;

/// Where code is kept, and changes are proposed.
#[async_trait]
pub trait CodeHost: Debug + Send + Sync {
    /// A new token for the repository of `target` alone, good for no more than `access`. No two calls share theirs.
    async fn mint_token(
        &self,
        target: &CodeTarget,
        access: RepositoryAccess,
    ) -> Result<MintedToken, ProviderError>;

    /// Where the change of the pull request `number` lies.
    async fn pull_head(
        &self,
        target: &CodeTarget,
        number: ItemId,
    ) -> Result<PullHead, ProviderError>;

    /// The login that our commits are made as.
    async fn committer(&self) -> Result<Login, ProviderError>;
}

/// A token for one repository. Nothing may be assumed about its length or shape.
#[derive(Clone, Debug)]
pub struct MintedToken {
    /// The token.
    pub token: SecretString,
    /// When it stops working.
    pub expires_at: Timestamp,
}

/// Where the change of a pull request lies, as its host tells it.
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
