//! What stops a verb half-way.

use egress::GitHubError;
use jiff::Timestamp;
use queues::QueueError;
use store::StoreError;

/// What stops a verb half-way. All of it is tried again by whoever called.
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
    /// The bucket.
    #[error(transparent)]
    Blobs(#[from] blobs::BlobError),
    /// A thing that must be there is not.
    #[error("{what} is missing")]
    Missing {
        /// What is missing.
        what: &'static str,
    },
}

impl AppError {
    /// When trying again makes sense at the earliest, where the other side said so.
    pub fn retry_at(&self) -> Option<Timestamp> {
        match self {
            Self::GitHub(GitHubError::RateLimited { until }) => Some(*until),
            Self::Store(_)
            | Self::Queue(_)
            | Self::GitHub(_)
            | Self::Blobs(_)
            | Self::Missing { .. } => None,
        }
    }
}
