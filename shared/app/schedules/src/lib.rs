//! Nothing waits for ever: what is due is set going again.

mod failing;
mod sweep;

use std::sync::Arc;

use domain::SharedClock;
use intake::{Gaps, WaitingDeliveries};
use policy::Tick;
use runs::Runs;
use store::Store;

pub use sweep::Sweep;

/// What `scheduler` may use.
#[derive(Clone, Debug)]
pub struct Scheduler {
    store: Store,
    runs: Runs,
    deliveries: WaitingDeliveries,
    gaps: Arc<Gaps>,
    failing: Arc<failing::Failing>,
    clock: SharedClock,
}

impl Scheduler {
    /// Puts the parts together.
    pub fn new(
        store: Store,
        runs: Runs,
        deliveries: WaitingDeliveries,
        gaps: Gaps,
        clock: SharedClock,
    ) -> Self {
        Self {
            store,
            runs,
            deliveries,
            gaps: Arc::new(gaps),
            failing: Arc::default(),
            clock,
        }
    }

    /// Lets the provider send what failed since it was looked for last, if it is time.
    pub async fn close_gaps(&self, tick: &Tick) {
        self.gaps.close_gaps(tick).await;
    }
}
