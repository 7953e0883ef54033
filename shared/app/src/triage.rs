//! What a delivery means, and starting the work it asks for.

mod admit;
mod decide;
mod handle_delivery;
mod request;
mod start_run;
mod stop_runs;
mod trace;

use blobs::Blobs;
use contract::JobMessage;
use domain::{Connections, SharedClock, SharedRandom};
use egress::GitHub;
use queues::Queue;
use store::Store;

pub use handle_delivery::Triaged;

use crate::{TokenKeys, queue_job::JobQueue};

/// What `triage` may use.
#[derive(Clone, Debug)]
pub struct Triage {
    store: Store,
    jobs: JobQueue,
    blobs: Blobs,
    github: GitHub,
    connections: Connections,
    clock: SharedClock,
    random: SharedRandom,
}

/// What a [`Triage`] is made of.
#[derive(Clone, Debug)]
pub struct TriageParts {
    /// The table.
    pub store: Store,
    /// The jobs queue.
    pub jobs: Queue<JobMessage>,
    /// The keys for the jobs' tokens.
    pub tokens: TokenKeys,
    /// The bucket with large bodies.
    pub blobs: Blobs,
    /// The provider.
    pub github: GitHub,
    /// The tenants' ties to installations.
    pub connections: Connections,
    /// The clock.
    pub clock: SharedClock,
    /// The source of ids.
    pub random: SharedRandom,
}

impl Triage {
    /// Puts the parts together.
    pub fn new(parts: TriageParts) -> Self {
        let TriageParts {
            store,
            jobs,
            tokens,
            blobs,
            github,
            connections,
            clock,
            random,
        } = parts;
        let jobs = JobQueue {
            queue: jobs,
            tokens,
            clock: clock.clone(),
        };
        Self {
            store,
            jobs,
            blobs,
            github,
            connections,
            clock,
            random,
        }
    }
}
