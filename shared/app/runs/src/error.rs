//! What interrupts a use case.

use github::GitHubError;
use jiff::Timestamp;
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
    GitHub(#[from] GitHubError),
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
    /// Whether trying again can help. What an operator can mend meanwhile counts as well, such as a key or a
    /// permission; a record that makes no sense does not become better.
    pub fn retry(&self) -> Retry {
        match self {
            Self::GitHub(error) => github(error),
            Self::Store(StoreError::Corrupt { .. }) | Self::Queue(QueueError::TooLarge) => {
                Retry::Never
            }
            Self::Store(StoreError::Unavailable(_) | StoreError::Rejected(_))
            | Self::Queue(
                QueueError::Unavailable { .. } | QueueError::Gone | QueueError::Rejected { .. },
            )
            | Self::Unavailable { .. }
            | Self::Missing { .. }
            | Self::OutOfTime => Retry::Later,
        }
    }
}

fn github(error: &GitHubError) -> Retry {
    match error {
        GitHubError::RateLimited { until } => Retry::At(*until),
        GitHubError::Unavailable { .. }
        | GitHubError::Unauthorized
        | GitHubError::Misconfigured { .. }
        | GitHubError::TooLarge { .. }
        | GitHubError::Unexpected { .. } => Retry::Later,
        GitHubError::NotFound
        | GitHubError::Forbidden
        | GitHubError::Gone
        | GitHubError::Invalid { .. } => Retry::Never,
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
        let until = Timestamp::from_second(9).unwrap();
        let cases: [(AppError, Retry); 8] = [
            (corrupt.into(), Retry::Never),
            (
                StoreError::Unavailable("slow".to_owned()).into(),
                Retry::Later,
            ),
            (QueueError::TooLarge.into(), Retry::Never),
            (GitHubError::RateLimited { until }.into(), Retry::At(until)),
            (GitHubError::Gone.into(), Retry::Never),
            (GitHubError::Unauthorized.into(), Retry::Later),
            (AppError::OutOfTime, Retry::Later),
            (AppError::Missing { what: "a body" }, Retry::Later),
        ];
        for (error, expected) in cases {
            assert_eq!(error.retry(), expected, "{error}");
        }
    }
}
