//! Tells the outside world what has happened, from the table's stream.
//!
//! Triggered by the stream, with partial batch responses. A record only says what has changed; how it is now is read
//! from the table, and read again after a post that is not the end. So records that come twice, late or out of order,
//! and several processes at once, still tell the truth.

use std::{
    collections::HashMap,
    hash::BuildHasher,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use aws_lambda_events::event::{
    dynamodb::{Event, EventRecord},
    streams::DynamoDbEventResponse,
};
use domain::{RunKey, SharedClock, SharedRandom, SystemRandom};
use github::{ConnectError, GitHub, GitHubSettings};
use jiff::{SignedDuration, Timestamp};
use kit::{Clients, Settings, SettingsError};
use notify::{ChangeRecord, Relay, Shown, StreamRecord};
use runs::AppError;
use store::Store;
use tracing::{Instrument as _, Span, field::Empty, info_span};

/// The settings that may come from Parameter Store.
pub const PARAMETERS: [&str; 2] = ["GITHUB_APP_ID", "GITHUB_APP_PRIVATE_KEY"];

/// How many milliseconds lie at least between two edits for progress alone, unless the settings say otherwise:
/// an installation may create or edit 80 comments a minute for all its repositories together.
const EDIT_INTERVAL: i64 = 5_000;

/// Puts the function together from its settings.
pub fn connect(
    settings: &Settings,
    aws: &Clients,
    clock: SharedClock,
    random: SharedRandom,
) -> Result<Relay, SettingsError> {
    let mut read = settings.reader();
    let table = read.text("TABLE_NAME");
    let (api, app_id) = (read.url("GITHUB_API_URL"), read.text("GITHUB_APP_ID"));
    let private_key = read.secret("GITHUB_APP_PRIVATE_KEY");
    let interval = read.parse_or("SWITCHYARD_EDIT_MILLIS", "milliseconds", EDIT_INTERVAL);
    let (table, github, interval) = read.finish(|| {
        let github = GitHubSettings {
            api: api?,
            app_id: app_id?,
            private_key: private_key?,
        };
        Some((table?, github, SignedDuration::from_millis(interval?)))
    })?;
    let github = GitHub::connect(github, clock.clone()).map_err(|error| wrong_key(&error))?;
    Ok(Relay::new(
        Store::new(aws.dynamodb(), table, random),
        Arc::new(github),
        clock,
        interval,
    ))
}

/// Opens the connections that events will need. The environment is all it knows, so that it can go on while the
/// parameters are read.
pub async fn warm_up(vars: &HashMap<String, String, impl BuildHasher>, aws: &Clients) {
    if let Some(table) = vars.get("TABLE_NAME") {
        let store = Store::new(aws.dynamodb(), table, Arc::new(SystemRandom));
        // A run and its delivery change at the same time and are read at once, each over its own connection.
        tokio::join!(store.warm_up(), store.warm_up());
    }
}

/// The time in which a batch begins to tell of something. With the time that one of them may take, it is less than the function
/// has, so that no batch is ended half-way and comes again as it is.
pub const BEGINNING: Duration = Duration::from_secs(35);
/// A batch that took longer leaves progress that has to wait to the next one.
const EARLY: Duration = Duration::from_secs(20);

/// Handles one batch of the table's stream. What cannot be told now is put off by itself, and the others go on.
pub async fn handle(relay: &Relay, event: Event) -> DynamoDbEventResponse {
    let batch = Batch {
        relay,
        since: Instant::now(),
        waiting: Mutex::default(),
    };
    let response = kit::handle_stream(event, changed, |changed| batch.handle(changed)).await;
    batch.finish().await;
    response
}

/// One batch.
struct Batch<'a> {
    relay: &'a Relay,
    since: Instant,
    /// Runs with progress that has to wait for its turn, and until when.
    waiting: Mutex<Vec<(StreamRecord<RunKey>, Timestamp)>>,
}

impl Batch<'_> {
    async fn handle(&self, changed: ChangeRecord) -> Result<(), AppError> {
        match changed {
            ChangeRecord::Run(run) if self.since.elapsed() > BEGINNING => {
                self.relay.put_off_for_time(&run).await
            }
            ChangeRecord::Run(run) => self.report(run).await,
            ChangeRecord::Delivery(delivery) if self.since.elapsed() > BEGINNING => {
                Relay::leave_reply(&delivery);
                Ok(())
            }
            ChangeRecord::Delivery(delivery) => self.relay.reply_refusal(&delivery).await,
        }
    }

    async fn report(&self, run: StreamRecord<RunKey>) -> Result<(), AppError> {
        if let Shown::From(at) = self.relay.report_run(&run).await? {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.push((run, at));
        }
        Ok(())
    }

    /// Posts the progress that had to wait. Nothing else would: whoever made it may be silent from now on, and nobody
    /// calls this function then.
    async fn finish(self) {
        let waiting = self.waiting.into_inner();
        let waiting = waiting.unwrap_or_else(PoisonError::into_inner);
        let Some(last) = waiting.iter().map(|(_, at)| *at).max() else {
            return;
        };
        if self.since.elapsed() > EARLY {
            return;
        }
        self.relay.wait_for_turn(last).await;
        for (run, _) in waiting {
            if self.since.elapsed() > BEGINNING {
                // The run is looked at every few minutes, and that brings it here again.
                return;
            }
            let shown = self.relay.report_run(&run);
            if let Err(error) = shown.instrument(turn()).await {
                tracing::warn!(%error, "progress that had waited could not be posted");
            }
        }
    }
}

/// The span of progress that had to wait for its turn.
fn turn() -> Span {
    info_span!(
        "turn",
        trace.id = Empty,
        delivery.id = Empty,
        tenant.id = Empty,
        run.id = Empty,
        job.id = Empty,
        otel.parent = "delivery",
    )
}

/// What a record says has changed. Nothing, if the table has only forgotten it, or nobody is told of such things.
fn changed(record: &EventRecord) -> Option<ChangeRecord> {
    if record.event_name == "REMOVE" {
        return None;
    }
    let key = store::key_of(&record.change.keys.clone().into()).ok()?;
    ChangeRecord::of(&key)
}

fn wrong_key(error: &ConnectError) -> SettingsError {
    let solution = "Give the app's RSA key in PEM form, as GitHub made it.";
    SettingsError::one("GITHUB_APP_PRIVATE_KEY", &error.to_string(), solution)
}
