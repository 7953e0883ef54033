//! Who may do what at a provider.

use std::fmt::Debug;

use async_trait::async_trait;
use domain::{CodeTarget, Permission, Requester};

use crate::ProviderError;

/// Who may do what at a provider.
#[async_trait]
pub trait Authority: Debug + Send + Sync {
    /// What `who` may do in the repository of `target`. [`ProviderError::Gone`] if it is not shown to us, or there is no such
    /// account.
    async fn permission(
        &self,
        who: &Requester,
        target: &CodeTarget,
    ) -> Result<Permission, ProviderError>;
}
