//! One look at what is due.

use contract::work_span;
use intake::ResumedDelivery;
use policy::Tick;
use runs::{AppError, Resumed};
use store::Due;
use tracing::Instrument as _;

use crate::Scheduler;

/// How much of each shard one look takes; the rest is due at the next one.
const LIMIT: i32 = 100;

/// What one look did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sweep {
    /// Jobs that were sent again.
    pub resent: u32,
    /// Runs that were brought up to date otherwise.
    pub settled: u32,
    /// Deliveries that were sent through the queue again.
    pub resumed: u32,
    /// Things that could not be dealt with; they stay due.
    pub failed: u32,
}

impl Scheduler {
    /// Deals with what is due. One thing that fails does not keep the others waiting, and is looked at again at growing
    /// distances, an hour at most.
    pub async fn sweep(&self, tick: &Tick) -> Result<Sweep, AppError> {
        let mut sweep = Sweep::default();
        let now = self.clock.now();
        for due in self.store.due(now, LIMIT).await? {
            if !self.failing.allows(&due, now) {
                continue;
            }
            let span = work_span!("due", otel.parent = "delivery",);
            self.settle(tick, &due, &mut sweep).instrument(span).await;
        }
        Ok(sweep)
    }

    async fn settle(&self, tick: &Tick, due: &Due, sweep: &mut Sweep) {
        let done = self.resume(tick, due, sweep).await;
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

    async fn resume(&self, tick: &Tick, due: &Due, sweep: &mut Sweep) -> Result<(), AppError> {
        match due {
            Due::Run(key) => match self.runs.resume_run(tick, key).await? {
                Resumed::Resent => sweep.resent += 1,
                Resumed::Settled => sweep.settled += 1,
                Resumed::NotDue => {}
            },
            Due::Delivery(key) => match self.deliveries.resume_delivery(tick, key).await? {
                ResumedDelivery::Resent => sweep.resumed += 1,
                ResumedDelivery::Settled => sweep.settled += 1,
                ResumedDelivery::NotDue => {}
            },
        }
        Ok(())
    }
}
