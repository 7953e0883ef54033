//! What interrupts a use case.

use jiff::Timestamp;
use ports::ProviderError;
use queues::QueueError;
use store::StoreError;

/// What interrupts a use case; [`AppError::retry`] says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The table.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A queue.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The provider.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// Something else that this needs is out of reach.
    #[error("{reason}")]
    Unavailable {
        /// Why, in words for the log.
        reason: String,
    },
    /// A thing that must be there is not.
    #[error("{what} is missing")]
    Missing {
        /// What is missing.
        what: &'static str,
    },
    /// Others were quicker each time.
    #[error("too many others change the same run")]
    Contended,
    /// The time that there is for it was up.
    #[error("there was no time left")]
    OutOfTime,
}

/// Whether trying again can help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// It can, some time later.
    Later,
    /// It can, and the other side said from when on.
    At(Timestamp),
    /// It cannot: the same would happen again.
    Never,
}

impl AppError {
    /// Whether trying again can help. What an operator can mend meanwhile counts as well, such as a key; what
    /// the provider refuses is not asked for again, and a record that makes no sense does not become better.
    pub fn retry(&self) -> Retry {
        match self {
            Self::Provider(error) => provider(error),
            Self::Store(StoreError::Corrupt { .. }) | Self::Queue(QueueError::TooLarge) => {
                Retry::Never
            }
            Self::Store(
                StoreError::Unavailable(_) | StoreError::Rejected(_) | StoreError::Newer { .. },
            )
            | Self::Queue(
                QueueError::Unavailable { .. } | QueueError::Gone | QueueError::Rejected { .. },
            )
            | Self::Unavailable { .. }
            | Self::Missing { .. }
            | Self::Contended
            | Self::OutOfTime => Retry::Later,
        }
    }
}

fn provider(error: &ProviderError) -> Retry {
    match error {
        ProviderError::RetryAt(until) => Retry::At(*until),
        ProviderError::Unavailable { .. } => Retry::Later,
        ProviderError::Gone | ProviderError::Forbidden | ProviderError::Invalid { .. } => {
            Retry::Never
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_mended_is_not_tried_again() {
        let corrupt = StoreError::Corrupt {
            key: "k".to_owned(),
            what: "w".to_owned(),
        };
        let (until, reason) = (Timestamp::from_second(9).unwrap(), "slow".to_owned());
        let cases: [(AppError, Retry); 8] = [
            (corrupt.into(), Retry::Never),
            (
                StoreError::Unavailable("slow".to_owned()).into(),
                Retry::Later,
            ),
            (QueueError::TooLarge.into(), Retry::Never),
            (ProviderError::RetryAt(until).into(), Retry::At(until)),
            (ProviderError::Gone.into(), Retry::Never),
            (ProviderError::Unavailable { reason }.into(), Retry::Later),
            (AppError::OutOfTime, Retry::Later),
            (AppError::Missing { what: "a body" }, Retry::Later),
        ];
        for (error, expected) in cases {
            assert_eq!(error.retry(), expected, "{error}");
        }
    }
}
