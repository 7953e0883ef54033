//! Who may do what on GitHub.

use async_trait::async_trait;
use domain::{CodeTarget, Permission, Requester};
use ports::{Authority, ProviderError};

use crate::GitHub;

#[async_trait]
impl Authority for GitHub {
    async fn permission(
        &self,
        who: &Requester,
        target: &CodeTarget,
    ) -> Result<Permission, ProviderError> {
        Ok(Self::permission(self, target, who.handle()).await?)
    }
}
