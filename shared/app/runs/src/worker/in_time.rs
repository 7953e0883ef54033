//! The time that there is for a provider within one call.

use ports::ProviderError;

use super::Worker;

impl Worker {
    /// What `asked` gives if it does so in time. A function that is stopped in the middle answers nobody, so whatever
    /// the provider does, there is an answer before that.
    pub(super) async fn in_time<T>(
        &self,
        asked: impl Future<Output = Result<T, ProviderError>> + Send,
    ) -> Result<T, ProviderError> {
        let answered = tokio::time::timeout(self.parts.provider_time, asked).await;
        answered.unwrap_or_else(|_| {
            Err(ProviderError::Unavailable {
                reason: "no answer in the time that there is for it".to_owned(),
            })
        })
    }
}
