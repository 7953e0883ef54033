//! What GitHub's refusals mean for the caller.

use jiff::Timestamp;

use egress::HttpError;

/// Why GitHub did not do what was asked. Each variant is another thing to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GitHubError {
    /// A primary or secondary rate limit: nothing is accepted before `until`.
    #[error("GitHub's rate limit holds until {until}")]
    RateLimited {
        /// When to try again.
        until: Timestamp,
    },
    /// There is no such thing, or the app may not see it.
    #[error("GitHub knows no such thing, or does not show it to the app")]
    NotFound,
    /// The app may not do this, be it for its permissions, a suspended installation or a locked item.
    #[error("GitHub does not permit this")]
    Forbidden,
    /// It was there and has been deleted or switched off.
    #[error("it is gone from GitHub")]
    Gone,
    /// GitHub understood the request and refuses its content; trying again does not help.
    #[error("GitHub refuses the content: {message}")]
    Invalid {
        /// GitHub's own words, shortened; for the log.
        message: String,
    },
    /// It is more than GitHub shows, or than the client takes, at once.
    #[error("it is too large to be read at once: {reason}")]
    TooLarge {
        /// What the limit is, for the log.
        reason: String,
    },
    /// The token is no longer accepted, nor was one minted anew.
    #[error("GitHub does not accept the token")]
    Unauthorized,
    /// GitHub cannot be reached, is too slow or fails by itself. Trying again later may help; whether
    /// the request was carried out is unknown.
    #[error("GitHub is unavailable: {reason}")]
    Unavailable {
        /// What happened, for the log.
        reason: String,
    },
    /// The settings are wrong: GitHub does not know the app or its key, or the address is refused.
    #[error("the GitHub settings are wrong: {reason}")]
    Misconfigured {
        /// What is wrong, for the operator.
        reason: String,
    },
    /// An answer that makes no sense here.
    #[error("GitHub's answer is unexpected: {reason}")]
    Unexpected {
        /// What was odd about it, for the log.
        reason: String,
    },
}

impl GitHubError {
    pub(crate) fn unexpected(reason: impl Into<String>) -> Self {
        Self::Unexpected {
            reason: reason.into(),
        }
    }
}

impl From<HttpError> for GitHubError {
    fn from(error: HttpError) -> Self {
        let reason = error.to_string();
        match error {
            HttpError::TimedOut | HttpError::Unreachable(_) | HttpError::Broken(_) => {
                Self::Unavailable { reason }
            }
            HttpError::Refused(_) => Self::Misconfigured { reason },
            HttpError::TooLarge { .. } => Self::TooLarge { reason },
            HttpError::Unsendable => Self::Unexpected { reason },
        }
    }
}
