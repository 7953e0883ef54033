//! Why a provider did not do what was asked.

use jiff::Timestamp;

/// Why a provider did not do what was asked. Each variant is another thing to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// There is no such thing any more, or it is not shown to us.
    #[error("the provider knows no such thing, or does not show it")]
    Gone,
    /// We may not do this there.
    #[error("the provider does not permit this")]
    Forbidden,
    /// Nothing is accepted before that time.
    #[error("the provider wants to be left alone until {0}")]
    RetryAt(Timestamp),
    /// The content is refused; the same would be refused again.
    #[error("the provider refuses the content: {reason}")]
    Invalid {
        /// Why, for the log.
        reason: String,
    },
    /// It cannot be reached, is too slow, fails by itself, or does not take us for who we are. Whether the request was
    /// carried out is unknown; it may be made again later.
    #[error("{reason}")]
    Unavailable {
        /// What happened, for the log.
        reason: String,
    },
}

impl ProviderError {
    /// Whether the same will be refused for as long as nobody changes something at the provider.
    pub const fn is_final(&self) -> bool {
        match self {
            Self::Gone | Self::Forbidden | Self::Invalid { .. } => true,
            Self::RetryAt(_) | Self::Unavailable { .. } => false,
        }
    }
}
