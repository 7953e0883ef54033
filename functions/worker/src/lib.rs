//! The worker protocol, under `/worker/v1`.
//!
//! A handler extracts, calls one use case, and responds. Errors are problem details with a stable slug.

mod bearer;
mod holder;
mod job_path;
mod problem;
mod routes;

use std::{collections::HashMap, hash::BuildHasher, sync::Arc, time::Duration};

use axum::Router;
use domain::{Login, Run, SharedClock, SharedRandom, SystemRandom};
use github::{ConnectError, GitHub, GitHubSettings};
use jiff::SignedDuration;
use kit::{Boundary, Clients, Settings, SettingsError, SettingsReader};
use queues::Queue;
use runs::{DaemonKeys, JobQueue, OperatorToken, TokenKeys, Worker, WorkerParts};
use store::Store;
use url::Url;

/// The settings that may come from Parameter Store.
pub const PARAMETERS: [&str; 7] = [
    "GITHUB_APP_ID",
    "GITHUB_APP_PRIVATE_KEY",
    "SWITCHYARD_DAEMON_KEY",
    "SWITCHYARD_DAEMON_KEY_PREVIOUS",
    OPERATOR_TOKEN,
    "SWITCHYARD_TOKEN_KEY",
    "SWITCHYARD_TOKEN_KEY_PREVIOUS",
];

/// The token for git that takes the place of the app's.
const OPERATOR_TOKEN: &str = "SWITCHYARD_GITHUB_TOKEN";

/// How many milliseconds a daemon waits at least between two sendings of news, unless the settings say
/// otherwise. Each sending is a write.
const EVENTS_INTERVAL: i64 = 10_000;
/// How many seconds a daemon waits between two heartbeats, unless the settings say less.
const HEARTBEAT: i64 = Run::HEARTBEAT.as_secs();

/// How many milliseconds of one call there are for GitHub, unless the settings say otherwise. With all else that is less
/// than the function may take, so that there is an answer whatever GitHub does.
pub const GITHUB_TIME: u64 = 8_000;
/// How many seconds a daemon's clock may be from ours, unless the settings say otherwise.
const CLOCK: i64 = 300;

/// Puts the function together from its settings.
pub fn connect(
    settings: &Settings,
    aws: &Clients,
    clock: SharedClock,
    random: SharedRandom,
) -> Result<Worker, SettingsError> {
    let mut read = settings.reader();
    let (table, jobs) = (read.text("TABLE_NAME"), read.text("JOBS_QUEUE_URL"));
    let token_key = read.secret("SWITCHYARD_TOKEN_KEY");
    let previous_key = read.optional_secret("SWITCHYARD_TOKEN_KEY_PREVIOUS");
    let daemon_key = read.secret("SWITCHYARD_DAEMON_KEY");
    let previous_daemon_key = read.optional_secret("SWITCHYARD_DAEMON_KEY_PREVIOUS");
    let (api, app_id) = (read.url("GITHUB_API_URL"), read.text("GITHUB_APP_ID"));
    let private_key = read.secret("GITHUB_APP_PRIVATE_KEY");
    let operator_token = operator_token(&mut read);
    let interval = read.parse_or("SWITCHYARD_EVENTS_MILLIS", "milliseconds", EVENTS_INTERVAL);
    let web = read.url("GITHUB_GIT_URL");
    let github_time = read.parse_or("SWITCHYARD_GITHUB_MILLIS", "milliseconds", GITHUB_TIME);
    let heartbeat = read.parse_or("SWITCHYARD_HEARTBEAT_SECONDS", "seconds", HEARTBEAT);
    let window = read.parse_or("SWITCHYARD_CLOCK_SECONDS", "seconds", CLOCK);
    let (table, jobs, tokens, daemons, github, web, github_time, interval, heartbeat) = read
        .finish(|| {
            let github = GitHubSettings {
                api: api?,
                app_id: app_id?,
                private_key: private_key?,
            };
            let tokens = TokenKeys::new(token_key?, previous_key);
            Some((
                table?,
                jobs?,
                tokens,
                DaemonKeys::new(
                    daemon_key?,
                    previous_daemon_key,
                    SignedDuration::from_secs(window?),
                ),
                github,
                folder(web?),
                Duration::from_millis(github_time?),
                SignedDuration::from_millis(interval?),
                heartbeat?,
            ))
        })?;
    let github = GitHub::connect(github, clock.clone()).map_err(|error| wrong_key(&error))?;
    Ok(Worker::new(WorkerParts {
        store: Store::new(aws.dynamodb(), table, random),
        definitions: engine::built_in(),
        jobs: JobQueue::new(Queue::new(aws.sqs(), jobs), tokens.clone(), clock.clone()),
        web,
        provider_time: github_time,
        code_host: Arc::new(github),
        operator_token,
        tokens,
        daemons,
        clock,
        events_interval: interval,
        // Three fit into a lease, so that one that is lost does not lose the job.
        heartbeat_interval: SignedDuration::from_secs(heartbeat.clamp(1, HEARTBEAT)),
    }))
}

/// Opens the connections that events will need. The environment is all it knows, so that it can go on while the
/// parameters are read.
pub async fn warm_up(vars: &HashMap<String, String, impl BuildHasher>, aws: &Clients) {
    if let Some(table) = vars.get("TABLE_NAME") {
        let store = Store::new(aws.dynamodb(), table, Arc::new(SystemRandom));
        store.warm_up().await;
    }
}

/// The routes of the worker protocol.
pub fn router(worker: Worker, boundary: Boundary) -> Router {
    boundary.around(routes::routes().with_state(worker))
}

/// The operator's token, if there is one and exactly one owner it can be for.
fn operator_token(read: &mut SettingsReader<'_>) -> Option<OperatorToken> {
    let owners: Vec<Login> =
        read.list("SWITCHYARD_ALLOWED_OWNERS", "logins, separated by commas")?;
    let token = read.optional_secret(OPERATOR_TOKEN)?;
    match OperatorToken::new(token, &owners) {
        Ok(own) => Some(own),
        Err(error) => {
            let solution = "Allow exactly one owner in SWITCHYARD_ALLOWED_OWNERS, or remove SWITCHYARD_GITHUB_TOKEN, so \
                            that daemons get tokens of the app.";
            read.wrong(OPERATOR_TOKEN, &error.to_string(), solution);
            None
        }
    }
}

fn wrong_key(error: &ConnectError) -> SettingsError {
    let solution = "Give the app's RSA key in PEM form, as GitHub made it.";
    SettingsError::one("GITHUB_APP_PRIVATE_KEY", &error.to_string(), solution)
}

/// An address to which paths can be added as they are.
fn folder(mut address: Url) -> Url {
    if !address.path().ends_with('/') {
        let path = format!("{}/", address.path());
        address.set_path(&path);
    }
    address
}
