//! One look at what is due.

use domain::Actor;
use store::Due;
use tracing::{Instrument as _, field::Empty, info_span};

use super::Scheduler;
use crate::AppError;

/// How much of each shard one look takes; the rest is due at the next one.
const LIMIT: i32 = 100;

/// What one look did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sweep {
    /// Jobs that were sent again.
    pub resent: u32,
    /// Runs that were brought up to date otherwise.
    pub settled: u32,
    /// Deliveries that were taken up again.
    pub taken_up: u32,
    /// Things that could not be dealt with; they stay due.
    pub failed: u32,
}

impl Scheduler {
    /// Deals with what is due. One thing that fails does not keep the others waiting, and is looked at again at growing
    /// distances, an hour at most.
    pub async fn sweep(&self) -> Result<Sweep, AppError> {
        let mut sweep = Sweep::default();
        let now = self.clock.now();
        for due in self.store.due(now, LIMIT).await? {
            if !self.failing.allows(&due, now) {
                continue;
            }
            let span = info_span!(
                "due",
                trace.id = Empty,
                delivery.id = Empty,
                tenant.id = Empty,
                run.id = Empty,
                job.id = Empty,
                otel.parent = "delivery",
            );
            self.settle(&due, &mut sweep).instrument(span).await;
        }
        Ok(sweep)
    }

    async fn settle(&self, due: &Due, sweep: &mut Sweep) {
        let done = match due {
            Due::Run(key) => {
                let actor = Actor::system(key.ticket.tenant.clone());
                self.resume_run(&actor, key, sweep).await
            }
            Due::Delivery(key) => self.resume_delivery(key, sweep).await,
        };
        let Err(error) = done else {
            self.failing.dealt_with(due);
            return;
        };
        self.failing.failed(due, self.clock.now());
        sweep.failed += 1;
        tracing::error!(
            metric.SweepFailed = 1_u64,
            ?due,
            %error,
            "something due could not be dealt with"
        );
    }
}
