//! Tells the outside world what has happened, from the table's stream.
//!
//! Triggered by the stream, with partial batch responses. What a record shows of a run is told as it is only
//! while it is known to be newer than all that was told before; in every other case, such as records that come
//! late or again, the table is asked. So news which come twice, late or out of order still tell the truth.

use std::{collections::HashMap, hash::BuildHasher, sync::Arc};

use app::{AppError, ConnectError, GitHubSettings, Glimpse, News, Relay};
use aws_lambda_events::event::{
    dynamodb::{Event, EventRecord},
    streams::DynamoDbEventResponse,
};
use domain::{Actor, SharedClock, SharedRandom, SystemRandom, TenantId};
use jiff::{SignedDuration, Timestamp};
use kit::{Clients, Settings, SettingsError};
use store::{Image, Store, keys::Key};

/// The settings that may come from Parameter Store.
pub const PARAMETERS: [&str; 2] = ["GITHUB_APP_ID", "GITHUB_APP_PRIVATE_KEY"];

/// How many milliseconds lie at least between two edits for mere news, unless the settings say otherwise:
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
    let github = app::github(github, clock.clone()).map_err(|error| wrong_key(&error))?;
    Ok(Relay::new(
        Store::new(aws.dynamodb(), table, random),
        github,
        clock,
        interval,
    ))
}

/// Opens the connections that events will need. The environment is all it knows, so that it can go on while the
/// parameters are read.
pub async fn warm_up(vars: &HashMap<String, String, impl BuildHasher>, aws: &Clients) {
    if let Some(table) = vars.get("TABLE_NAME") {
        let store = Store::new(aws.dynamodb(), table, Arc::new(SystemRandom));
        // A run and its delivery are news at the same time and are read at once, each over its own connection.
        tokio::join!(store.warm_up(), store.warm_up());
    }
}

/// Handles one batch of the table's stream.
pub async fn handle(relay: &Relay, event: Event) -> DynamoDbEventResponse {
    let handler = |news, glimpses| tell(relay, news, glimpses);
    kit::handle_stream(event, news_of, handler).await
}

fn news_of(record: &EventRecord) -> Option<(News, Glimpse)> {
    // What the table forgets is no news.
    if record.event_name == "REMOVE" {
        return None;
    }
    let mut keys: HashMap<String, String> =
        serde_dynamo::from_item(record.change.keys.clone()).ok()?;
    let key = Key {
        pk: keys.remove("pk")?,
        sk: keys.remove("sk")?,
    };
    Some((app::news_of(&key)?, glimpse(record)))
}

/// What a record shows. Nothing, if no code of ours wrote it; the table then says what is wrong with it.
fn glimpse(record: &EventRecord) -> Glimpse {
    let seconds = record.change.approximate_creation_date_time.timestamp();
    let image = Image::read(record.change.new_image.clone().into());
    Glimpse {
        at: Timestamp::from_second(seconds).unwrap_or(Timestamp::MIN),
        image: image.ok().flatten(),
    }
}

async fn tell(relay: &Relay, news: News, glimpses: Vec<Glimpse>) -> Result<(), AppError> {
    match news {
        News::Run(run) => {
            let actor = system(&run.ticket.tenant);
            relay.report_run(&actor, &run, &glimpses).await
        }
        News::Delivery(delivery) => relay.reply_refusal(&delivery).await,
    }
}

fn system(tenant: &TenantId) -> Actor {
    Actor::system(tenant.clone())
}

fn wrong_key(error: &ConnectError) -> SettingsError {
    let solution = "Give the app's RSA key in PEM form, as GitHub made it.";
    SettingsError::one("GITHUB_APP_PRIVATE_KEY", &error.to_string(), solution)
}
