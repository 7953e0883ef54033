//! Finds what is due and sets it going again.
//!
//! Triggered every minute. A run that nobody claimed is queued again, one whose workers were lost is ended,
//! one whose end nobody was told of is offered to the stream again, and a delivery that stopped half-way is
//! taken up. Every few minutes GitHub is asked for what it could not bring. Two ticks at once do no harm.

use std::{collections::HashMap, hash::BuildHasher, sync::Arc};

use contract::JobMessage;
use domain::{SharedClock, SharedRandom, SystemRandom};
use github::{ConnectError, GitHub, GitHubSettings};
use intake::{Gaps, WaitingDeliveries};
use jiff::SignedDuration;
use kit::{Clients, Settings, SettingsError};
use policy::Tick;
use queues::Queue;
use runs::{AppError, JobQueue, Runs, TokenKeys};
use schedules::{Scheduler, Sweep};
use serde::Serialize;
use store::Store;

/// The settings that may come from Parameter Store.
pub const PARAMETERS: [&str; 3] = [
    "GITHUB_APP_ID",
    "GITHUB_APP_PRIVATE_KEY",
    "SWITCHYARD_TOKEN_KEY",
];

/// How many minutes lie between two looks for deliveries that GitHub could not bring, unless the settings say
/// otherwise.
const REPAIR_MINUTES: i64 = 5;

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
    let mut read = settings.reader();
    let table = read.text("TABLE_NAME");
    let (jobs, deliveries) = (
        read.text("JOBS_QUEUE_URL"),
        read.text("DELIVERIES_QUEUE_URL"),
    );
    let token_key = read.secret("SWITCHYARD_TOKEN_KEY");
    let (api, app_id) = (read.url("GITHUB_API_URL"), read.text("GITHUB_APP_ID"));
    let private_key = read.secret("GITHUB_APP_PRIVATE_KEY");
    let every = read.parse_or("SWITCHYARD_REPAIR_MINUTES", "minutes", REPAIR_MINUTES);
    let (table, jobs, deliveries, tokens, github, every) = read.finish(|| {
        let github = GitHubSettings {
            api: api?,
            app_id: app_id?,
            private_key: private_key?,
        };
        let tokens = TokenKeys::new(token_key?, None);
        let every = SignedDuration::from_mins(every?.max(1));
        Some((table?, jobs?, deliveries?, tokens, github, every))
    })?;
    let github = GitHub::connect(github, clock.clone()).map_err(|error| wrong_key(&error))?;
    let store = Store::new(aws.dynamodb(), table, random.clone());
    let jobs = JobQueue::new(Queue::new(aws.sqs(), jobs), tokens, clock.clone());
    let runs = Runs::new(
        store.clone(),
        jobs,
        engine::built_in(),
        clock.clone(),
        random,
    );
    let deliveries = Queue::new(aws.sqs(), deliveries);
    let deliveries = WaitingDeliveries::new(store.clone(), deliveries, clock.clone());
    let gaps = Gaps::new(store.clone(), Arc::new(github), every, clock.clone());
    Ok(Scheduler::new(store, runs, deliveries, gaps, clock))
}

/// Opens the connections that events will need. The environment is all it knows, so that it can go on while the
/// parameters are read.
pub async fn warm_up(vars: &HashMap<String, String, impl BuildHasher>, aws: &Clients) {
    let table = async {
        if let Some(table) = vars.get("TABLE_NAME") {
            let store = Store::new(aws.dynamodb(), table, Arc::new(SystemRandom));
            store.warm_up().await;
        }
    };
    // All queues are at one address.
    let queue = async {
        if let Some(url) = vars.get("JOBS_QUEUE_URL") {
            Queue::<JobMessage>::new(aws.sqs(), url).warm_up().await;
        }
    };
    tokio::join!(table, queue);
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

fn wrong_key(error: &ConnectError) -> SettingsError {
    let solution = "Give the app's RSA key in PEM form, as GitHub made it.";
    SettingsError::one("GITHUB_APP_PRIVATE_KEY", &error.to_string(), solution)
}
