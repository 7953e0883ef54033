//! Nothing waits for ever: what is due is set going again.

mod close_gaps;
mod failing;
mod resume_delivery;
mod resume_run;
mod sweep;

use std::sync::Arc;

use contract::{DeliveryMessage, JobMessage};
use domain::SharedClock;
use queues::Queue;
use store::Store;

pub use close_gaps::Gaps;
pub use sweep::Sweep;

use crate::{TokenKeys, queue_job::JobQueue};

/// What `scheduler` may use.
#[derive(Clone, Debug)]
pub struct Scheduler {
    store: Store,
    jobs: JobQueue,
    deliveries: Queue<DeliveryMessage>,
    gaps: Arc<Gaps>,
    failing: Arc<failing::Failing>,
    clock: SharedClock,
}

impl Scheduler {
    /// Puts the parts together.
    pub fn new(
        store: Store,
        jobs: Queue<JobMessage>,
        deliveries: Queue<DeliveryMessage>,
        tokens: TokenKeys,
        gaps: Gaps,
        clock: SharedClock,
    ) -> Self {
        let jobs = JobQueue {
            queue: jobs,
            tokens,
            clock: clock.clone(),
        };
        Self {
            store,
            jobs,
            deliveries,
            gaps: Arc::new(gaps),
            failing: Arc::default(),
            clock,
        }
    }
}
