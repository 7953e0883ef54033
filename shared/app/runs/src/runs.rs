//! Runs, for whoever starts, stops or resumes them.

use domain::{SharedClock, SharedRandom};
use engine::Catalogue;
use store::Store;

use crate::JobQueue;

/// The use cases of runs that no daemon calls.
#[derive(Clone, Debug)]
pub struct Runs {
    pub(crate) store: Store,
    pub(crate) jobs: JobQueue,
    pub(crate) definitions: &'static Catalogue,
    pub(crate) clock: SharedClock,
    pub(crate) random: SharedRandom,
}

impl Runs {
    /// Puts the parts together.
    pub fn new(
        store: Store,
        jobs: JobQueue,
        definitions: &'static Catalogue,
        clock: SharedClock,
        random: SharedRandom,
    ) -> Self {
        Self {
            store,
            jobs,
            definitions,
            clock,
            random,
        }
    }
}
