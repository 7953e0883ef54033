//! Webhooks that GitHub has sent.

use async_trait::async_trait;
use domain::AttemptId;
use ports::{ProviderError, SentCursor, SentDeliveries, SentPage};

use crate::{GitHub, GitHubError};

#[async_trait]
impl SentDeliveries for GitHub {
    async fn page(&self, cursor: Option<SentCursor>) -> Result<SentPage, ProviderError> {
        Ok(self.sent_deliveries(cursor).await?)
    }

    async fn send_again(&self, attempt: AttemptId) -> Result<(), ProviderError> {
        match self.redeliver(attempt).await {
            // Whatever is odd about one does not keep the others back.
            Err(GitHubError::TooLarge { reason } | GitHubError::Unexpected { reason }) => {
                Err(ProviderError::Invalid { reason })
            }
            redelivered => Ok(redelivered?),
        }
    }
}
