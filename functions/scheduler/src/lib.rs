//! Finds what is due and sets it going again.
//!
//! Triggered every minute. A run that nobody claimed is queued again, one whose workers were lost is ended,
//! one whose end nobody was told of is offered to the stream again, and a delivery that stopped half-way is
//! taken up. Every few minutes GitHub is asked for what it could not bring. Two ticks at once do no harm.

use compose::Connection;
use domain::{SharedClock, SharedRandom};
use intake::{Gaps, WaitingDeliveries};
use jiff::SignedDuration;
use kit::Clients;
use policy::Tick;
use queues::Queue;
use runs::{AppError, Runs};
use schedules::{Scheduler, Sweep};
use serde::Serialize;
use settings::{DELIVERIES_QUEUE_URL, Program, SWITCHYARD_REPAIR_MINUTES, Settings, SettingsError};

/// The connections that events will need.
pub const CONNECTIONS: [Connection; 2] = [Connection::Table, Connection::Queues];

/// What one tick did, for the invocation's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Jobs that were sent again.
    pub resent: u32,
    /// Runs and deliveries that were brought up to date otherwise.
    pub settled: u32,
    /// Deliveries that were sent through the queue again.
    pub resumed: u32,
    /// Things that could not be dealt with; they stay due.
    pub failed: u32,
}

/// Puts the function together from its settings.
pub fn connect(
    settings: &Settings,
    aws: &Clients,
    clock: SharedClock,
    random: SharedRandom,
) -> Result<Scheduler, SettingsError> {
    let mut read = settings.reader(Program::Scheduler);
    let store = compose::table(&mut read, aws, random.clone());
    let keys = compose::signing_keys(&mut read);
    let jobs = compose::job_queue(&mut read, aws, keys, &clock);
    let deliveries = read.get(&DELIVERIES_QUEUE_URL);
    let github = compose::github_app(&mut read, &clock);
    let every = read.get(&SWITCHYARD_REPAIR_MINUTES);
    read.finish(|| {
        let (store, every) = (store?, SignedDuration::try_from(every?).ok()?);
        let deliveries = Queue::new(aws.sqs(), deliveries?);
        let deliveries = WaitingDeliveries::new(store.clone(), deliveries, clock.clone());
        let gaps = Gaps::new(store.clone(), github?, every, clock.clone());
        let runs = Runs::new(
            store.clone(),
            jobs?,
            engine::built_in(),
            clock.clone(),
            random,
        );
        Some(Scheduler::new(store, runs, deliveries, gaps, clock))
    })
}

/// Handles one tick. What the tick carries says nothing that matters.
pub async fn handle(scheduler: &Scheduler) -> Result<Report, AppError> {
    let tick = Tick::of_invocation();
    let Sweep {
        resent,
        settled,
        resumed,
        failed,
    } = scheduler.sweep(&tick).await?;
    scheduler.close_gaps(&tick).await;
    tracing::info!(resent, settled, resumed, failed, "swept what was due");
    Ok(Report {
        resent,
        settled,
        resumed,
        failed,
    })
}
