//! Code on GitHub.

use async_trait::async_trait;
use domain::{CodeTarget, ItemId, Login, RepositoryAccess};
use ports::{CodeHost, MintedToken, ProviderError, PullHead};

use crate::GitHub;

#[async_trait]
impl CodeHost for GitHub {
    async fn mint_token(
        &self,
        target: &CodeTarget,
        access: RepositoryAccess,
    ) -> Result<MintedToken, ProviderError> {
        Ok(self.mint_git_token(target, access).await?)
    }

    async fn pull_head(
        &self,
        target: &CodeTarget,
        number: ItemId,
    ) -> Result<PullHead, ProviderError> {
        Ok(Self::pull_head(self, target, number).await?)
    }

    async fn committer(&self) -> Result<Login, ProviderError> {
        Ok(self.bot_login().await?)
    }
}
