//! What telling needs.

use std::{sync::Arc, time::Duration};

use domain::{DeliveryKey, RunKey, SharedClock};
use github::{GitHub, GitHubError};
use jiff::{SignedDuration, Timestamp};
use store::Store;

use crate::{memory::Memory, react};

/// What the table's stream says has happened.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum News {
    /// A run, or news of it.
    Run(RunKey),
    /// A delivery was decided.
    Delivery(DeliveryKey),
}

/// What `relay` may use.
#[derive(Clone, Debug)]
pub struct Relay {
    pub(crate) store: Store,
    pub(crate) github: GitHub,
    pub(crate) clock: SharedClock,
    pub(crate) interval: SignedDuration,
    pub(crate) memory: Arc<Memory>,
    pub(crate) signs: Arc<react::Signs>,
}

impl Relay {
    /// The time that there is for one run or one answer: several of them fit into what there is for a batch.
    pub const TIME: Duration = Duration::from_secs(12);

    /// A relay that edits a comment for mere news at most once in `interval`. A change of state is always
    /// told at once.
    pub fn new(store: Store, github: GitHub, clock: SharedClock, interval: SignedDuration) -> Self {
        Self {
            store,
            github,
            clock,
            interval,
            memory: Arc::new(Memory::new()),
            signs: Arc::default(),
        }
    }
}

/// What a key of the table's stream is news of, if it is.
pub fn news_of(key: &store::keys::Key) -> Option<News> {
    use store::keys::Name;
    match Name::parse(key)? {
        Name::Run(run) | Name::Events { run, .. } => Some(News::Run(run)),
        Name::Delivery(delivery) => Some(News::Delivery(delivery)),
        Name::Findings(_)
        | Name::Brief(..)
        | Name::Stop(_)
        | Name::Answered(..)
        | Name::Slot { .. }
        | Name::Gaps(_) => None,
    }
}

/// Whether the provider will never take a comment there. Everything else is tried again.
pub(crate) fn final_refusal(error: &GitHubError) -> bool {
    matches!(
        error,
        GitHubError::NotFound
            | GitHubError::Forbidden
            | GitHubError::Gone
            | GitHubError::Invalid { .. }
    )
}

/// An instant safely before `at` by the provider's clock, which is not ours.
pub(crate) fn slack_before(at: Timestamp) -> Timestamp {
    at - SignedDuration::from_mins(10)
}
