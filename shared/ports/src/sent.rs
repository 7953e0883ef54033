//! What a provider has sent us.

use std::fmt::Debug;

use async_trait::async_trait;
use domain::{AttemptId, DeliveryAttempt};

use crate::ProviderError;

/// Where a list goes on. Only the provider that made it can read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentCursor(String);

impl SentCursor {
    /// The place that the provider calls by that text.
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// What the provider calls it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A part of the list of what was sent, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentPage {
    /// The attempts.
    pub attempts: Vec<DeliveryAttempt>,
    /// Where the list goes on, if it does.
    pub next: Option<SentCursor>,
}

/// The deliveries of a provider that remembers them.
#[async_trait]
pub trait SentDeliveries: Debug + Send + Sync {
    /// What was sent, from `cursor` on, or else from the newest on.
    async fn page(&self, cursor: Option<SentCursor>) -> Result<SentPage, ProviderError>;

    /// Lets a delivery be sent again, under its own id. [`ProviderError::Gone`] and [`ProviderError::Invalid`] are about this
    /// one alone; everything else stands in the way of all.
    async fn send_again(&self, attempt: AttemptId) -> Result<(), ProviderError>;
}
