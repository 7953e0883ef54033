//! Tells the outside world what has happened, from the table's stream.
//!
//! Triggered by the stream, with partial batch responses. A record only says what has changed; how it is now is read
//! from the table, and read again after a post that is not the end. So records that come twice, late or out of order,
//! and several processes at once, still tell the truth.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use aws_lambda_events::event::{
    dynamodb::{Event, EventRecord},
    streams::DynamoDbEventResponse,
};
use compose::Connection;
use contract::work_span;
use domain::{RunKey, SharedClock, SharedRandom};
use jiff::{SignedDuration, Timestamp};
use kit::Clients;
use notify::{ChangeRecord, Relay, Shown, StreamRecord};
use runs::AppError;
use settings::{Program, SWITCHYARD_EDIT_MILLIS, Settings, SettingsError};
use tracing::{Instrument as _, Span};

/// The connections that events will need. A run and its delivery change at the same time and are read at once, each over
/// its own connection.
pub const CONNECTIONS: [Connection; 2] = [Connection::Table, Connection::Table];

/// Puts the function together from its settings.
pub fn connect(
    settings: &Settings,
    aws: &Clients,
    clock: SharedClock,
    random: SharedRandom,
) -> Result<Relay, SettingsError> {
    let mut read = settings.reader(Program::Relay);
    let store = compose::table(&mut read, aws, random.clone());
    let github = compose::github_app(&mut read, &clock);
    let interval = read.get(&SWITCHYARD_EDIT_MILLIS);
    read.finish(|| {
        let interval = SignedDuration::try_from(interval?).ok()?;
        Some(Relay::new(store?, github?, clock, random, interval))
    })
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
    work_span!("turn", otel.parent = "delivery",)
}

/// What a record says has changed. Nothing, if the table has only forgotten it, or nobody is told of such things.
fn changed(record: &EventRecord) -> Option<ChangeRecord> {
    if record.event_name == "REMOVE" {
        return None;
    }
    let key = store::key_of(&record.change.keys.clone().into()).ok()?;
    ChangeRecord::of(&key)
}
