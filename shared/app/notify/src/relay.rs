//! What telling needs.

use std::{sync::Arc, time::Duration};

use domain::{PosterId, SharedClock, SharedRandom};
use jiff::{SignedDuration, Timestamp};
use ports::Conversation;
use store::Store;

use crate::{last_posts::LastPosts, noted_places::NotedPlaces, signs::Signs};

/// What `relay` may use.
#[derive(Clone, Debug)]
pub struct Relay {
    pub(crate) store: Store,
    pub(crate) conversation: Arc<dyn Conversation>,
    pub(crate) clock: SharedClock,
    random: SharedRandom,
    pub(crate) interval: SignedDuration,
    pub(crate) last_posts: Arc<LastPosts>,
    pub(crate) noted_places: Arc<NotedPlaces>,
    pub(crate) signs: Arc<Signs>,
}

impl Relay {
    /// The time that there is for one run or one answer: several of them fit into what there is for a batch.
    pub const TIME: Duration = Duration::from_secs(12);

    /// A relay that edits a comment for progress alone at most once in `interval`. A change of state is always
    /// posted at once.
    pub fn new(
        store: Store,
        conversation: Arc<dyn Conversation>,
        clock: SharedClock,
        random: SharedRandom,
        interval: SignedDuration,
    ) -> Self {
        Self {
            store,
            conversation,
            clock,
            random,
            interval,
            last_posts: Arc::default(),
            noted_places: Arc::default(),
            signs: Arc::default(),
        }
    }

    /// A number for one that posts, which nobody else has.
    pub(crate) fn poster(&self) -> PosterId {
        let mut bytes = [0; 4];
        self.random.fill(&mut bytes);
        PosterId(u32::from_le_bytes(bytes))
    }
}

/// An instant safely before `at` by the provider's clock, which is not ours.
pub(crate) fn slack_before(at: Timestamp) -> Timestamp {
    at - SignedDuration::from_mins(10)
}
