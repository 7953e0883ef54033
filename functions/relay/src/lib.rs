//! Tells the outside world what has happened, from the table's stream.
//!
//! Triggered by the stream, with partial batch responses. What a record says is only taken as a hint of
//! which run or delivery to look at: what is told is read from the table, so that news which come twice,
//! late or out of order still tell the truth.

use std::collections::HashMap;

use app::{AppError, ConnectError, GitHubSettings, News, Relay};
use aws_lambda_events::event::{
    dynamodb::{Event, EventRecord},
    streams::DynamoDbEventResponse,
};
use domain::{Actor, SharedClock, SharedRandom, TenantId};
use jiff::SignedDuration;
use kit::{Clients, Settings, SettingsError};
use store::{Store, keys::Key};

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

/// Handles one batch of the table's stream.
pub async fn handle(relay: &Relay, event: Event) -> DynamoDbEventResponse {
    kit::handle_stream(event, news_of, |news| tell(relay, news)).await
}

fn news_of(record: &EventRecord) -> Option<News> {
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
    app::news_of(&key)
}

async fn tell(relay: &Relay, news: News) -> Result<(), AppError> {
    match news {
        News::Run(run) => {
            let actor = system(&run.ticket.tenant);
            relay.report_run(&actor, &run).await
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
