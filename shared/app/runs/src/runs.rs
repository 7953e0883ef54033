//! Runs, for whoever starts, stops or resumes them.

use domain::{RunKey, SharedClock, SharedRandom};
use engine::Catalogue;
use store::Store;

use crate::{
    AppError, JobQueue,
    advance_run::{Advanced, Advancer, Look},
};

/// The use cases of runs that no daemon calls.
#[derive(Clone, Debug)]
pub struct Runs {
    advancer: Advancer,
    pub(crate) definitions: &'static Catalogue,
    pub(crate) random: SharedRandom,
}

impl Runs {
    /// Puts the parts together.
    pub const fn new(
        store: Store,
        jobs: JobQueue,
        definitions: &'static Catalogue,
        clock: SharedClock,
        random: SharedRandom,
    ) -> Self {
        Self {
            advancer: Advancer { store, jobs, clock },
            definitions,
            random,
        }
    }

    pub(crate) const fn store(&self) -> &Store {
        &self.advancer.store
    }

    pub(crate) const fn jobs(&self) -> &JobQueue {
        &self.advancer.jobs
    }

    pub(crate) const fn clock(&self) -> &SharedClock {
        &self.advancer.clock
    }

    /// Looks at a run and moves it on. If that ends it, what waits for its slot has its turn.
    pub(crate) async fn look(&self, key: &RunKey, look: Look) -> Result<(), AppError> {
        match Box::pin(self.advancer.advance_run(key, look)).await? {
            Advanced::Ended(head) => {
                let next = self.start_next(&key.subject, head.definition());
                Box::pin(next).await
            }
            Advanced::Done | Advanced::LeftToDueTime => Ok(()),
        }
    }
}
