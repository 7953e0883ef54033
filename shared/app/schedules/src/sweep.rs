//! One look at what is due.

use std::time::{Duration, Instant};

use contract::work_span;
use intake::ResumedDelivery;
use policy::Tick;
use runs::{AppError, Resumed};
use store::{Due, DueLook};
use tracing::Instrument as _;

use crate::Scheduler;

/// How much of each shard is read at once.
const PAGE: i32 = 25;
/// How long a look goes on; the rest is due at the next one.
const WITHIN: Duration = Duration::from_secs(25);

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
    /// Deals with what is due, until its time is up. One thing that fails does not keep the others waiting, and is looked
    /// at again at growing distances, an hour at most.
    pub async fn sweep(&self, tick: &Tick) -> Result<Sweep, AppError> {
        let mut sweep = Sweep::default();
        let (now, since) = (self.clock.now(), Instant::now());
        let mut look = DueLook::new(now);
        while !look.is_over() && since.elapsed() < WITHIN {
            for due in self.store.due_page(&mut look, PAGE).await? {
                if !self.failing.allows(&due, now) {
                    continue;
                }
                let span = work_span!("due", otel.parent = "delivery",);
                self.settle(tick, &due, &mut sweep).instrument(span).await;
            }
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
        let resumed = match due {
            Due::Run(key) => self.runs.resume_run(tick, key).await?,
            Due::Step(key, step) => self.runs.resend_job(tick, key, step).await?,
            Due::Tracking(key) => self.runs.resume_telling(tick, key).await?,
            Due::Ask(subject, name, id) => {
                let ask = (subject, *name, *id);
                self.runs.resume_waiting(tick, ask).await?
            }
            Due::Delivery(key) => {
                match self.deliveries.resume_delivery(tick, key).await? {
                    ResumedDelivery::Resent => sweep.resumed += 1,
                    ResumedDelivery::Settled => sweep.settled += 1,
                    ResumedDelivery::NotDue => {}
                }
                return Ok(());
            }
        };
        match resumed {
            Resumed::Resent => sweep.resent += 1,
            Resumed::Settled => sweep.settled += 1,
            Resumed::NotDue => {}
        }
        Ok(())
    }
}
