//! The worker protocol, under `/worker/v1`.
//!
//! A handler extracts, calls one use case, and responds. Errors are problem details with a stable slug.

mod bearer;
mod holder;
mod job_path;
mod problem;
mod routes;

use axum::Router;
use compose::Connection;
use domain::{SharedClock, SharedRandom};
use github::git_address;
use kit::{Boundary, Clients};
use runs::{DaemonKeys, OperatorToken, TokenKeys, Worker, WorkerParts};
use settings::{
    GITHUB_API_URL, GITHUB_GIT_URL, Program, Reader, SWITCHYARD_ALLOWED_OWNERS,
    SWITCHYARD_CLOCK_SECONDS, SWITCHYARD_DAEMON_KEY, SWITCHYARD_DAEMON_KEY_PREVIOUS,
    SWITCHYARD_EVENTS_MILLIS, SWITCHYARD_GITHUB_MILLIS, SWITCHYARD_GITHUB_TOKEN,
    SWITCHYARD_HEARTBEAT_SECONDS, SWITCHYARD_TOKEN_KEY, SWITCHYARD_TOKEN_KEY_PREVIOUS, Settings,
    SettingsError,
};
use url::Url;

/// The connections that requests will need.
pub const CONNECTIONS: [Connection; 1] = [Connection::Table];

/// Puts the function together from its settings.
pub fn connect(
    settings: &Settings,
    aws: &Clients,
    clock: SharedClock,
    random: SharedRandom,
) -> Result<Worker, SettingsError> {
    let mut read = settings.reader(Program::Worker);
    let store = compose::table(&mut read, aws, random);
    let tokens = token_keys(&mut read);
    let jobs = compose::job_queue(&mut read, aws, tokens.clone(), &clock);
    let daemons = daemon_keys(&mut read);
    let github = compose::github_app(&mut read, &clock);
    let web = web(&mut read);
    let operator_token = operator_token(&mut read);
    let github_time = read.get(&SWITCHYARD_GITHUB_MILLIS);
    let events_interval = read.get(&SWITCHYARD_EVENTS_MILLIS);
    let heartbeat_interval = read.get(&SWITCHYARD_HEARTBEAT_SECONDS);
    read.finish(|| {
        Some(Worker::new(WorkerParts {
            store: store?,
            definitions: engine::built_in(),
            jobs: jobs?,
            web: web?,
            provider_time: github_time?,
            code_host: github?,
            operator_token,
            tokens: tokens?,
            daemons: daemons?,
            clock,
            events_interval: events_interval?.try_into().ok()?,
            heartbeat_interval: heartbeat_interval?.try_into().ok()?,
        }))
    })
}

/// The routes of the worker protocol.
pub fn router(worker: Worker, boundary: Boundary) -> Router {
    boundary.around(routes::routes().with_state(worker))
}

/// The keys of daemons' tokens, which this function verifies, so that it knows the one before too.
fn token_keys(read: &mut Reader<'_>) -> Option<TokenKeys> {
    let previous = read.get(&SWITCHYARD_TOKEN_KEY_PREVIOUS);
    Some(TokenKeys::new(read.get(&SWITCHYARD_TOKEN_KEY)?, previous))
}

/// The keys with which daemons prove themselves.
fn daemon_keys(read: &mut Reader<'_>) -> Option<DaemonKeys> {
    let key = read.get(&SWITCHYARD_DAEMON_KEY);
    let previous = read.get(&SWITCHYARD_DAEMON_KEY_PREVIOUS);
    let window = read.get(&SWITCHYARD_CLOCK_SECONDS)?.try_into().ok()?;
    Some(DaemonKeys::new(key?, previous, window))
}

/// The base of links for people.
fn web(read: &mut Reader<'_>) -> Option<Url> {
    let web = match read.get(&GITHUB_GIT_URL) {
        Some(web) => web,
        None => git_address(&read.get(&GITHUB_API_URL)?),
    };
    Some(folder(web))
}

/// The operator's token, if there is one and exactly one owner it can be for.
fn operator_token(read: &mut Reader<'_>) -> Option<OperatorToken> {
    let owners = read.get(&SWITCHYARD_ALLOWED_OWNERS).unwrap_or_default();
    let token = read.get(&SWITCHYARD_GITHUB_TOKEN)?;
    OperatorToken::new(token, &owners)
        .map_err(|error| read.wrong(&SWITCHYARD_GITHUB_TOKEN, error.to_string()))
        .ok()
}

/// An address to which paths can be added as they are.
fn folder(mut address: Url) -> Url {
    if !address.path().ends_with('/') {
        let path = format!("{}/", address.path());
        address.set_path(&path);
    }
    address
}
