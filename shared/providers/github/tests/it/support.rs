//! A client of a scripted server, and what it is asked in every test.

use std::sync::Arc;

use domain::{Clock as _, CodeTarget, ManualClock, Permission, SharedClock, Subject};
use github::{GitHub, GitHubError, GitHubSettings};
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
pub(crate) use testkit::{
    clock,
    scripted::{Answer, Server, answer, http, http_within, serve},
    widgets,
};
use url::Url;

pub(crate) const KEY: &str = include_str!("../keys/pkcs1.pem");
pub(crate) const MINT: &str = "POST /app/installations/7/access_tokens";
pub(crate) const LOOK: &str = "GET /repos/octo-demo/widgets/collaborators/ada/permission";
pub(crate) const MAY: &str = r#"{"permission":"write"}"#;

/// The code that everything is about.
pub(crate) fn code() -> CodeTarget {
    testkit::code(&testkit::connection("acme", 7), &widgets(42))
}

/// The issue that everything is about.
pub(crate) fn issue() -> Subject {
    testkit::issue(&testkit::connection("acme", 7), &widgets(42), 3)
}

/// Asks what takes the least right.
pub(crate) async fn look(github: &GitHub) -> Result<Permission, GitHubError> {
    let ada = "ada".parse().unwrap();
    github.permission(&code(), &ada).await
}

pub(crate) fn github(api: &Url, clock: Arc<ManualClock>) -> GitHub {
    let settings = GitHubSettings {
        api: api.clone(),
        app_id: "12345".to_owned(),
        private_key: SecretString::from(KEY),
    };
    GitHub::new(http(&[api]), settings, clock as SharedClock).unwrap()
}

pub(crate) fn minted(token: &str, expires_at: Timestamp) -> Answer {
    let body = format!(r#"{{"token":"{token}","expires_at":"{expires_at}","permissions":{{}}}}"#);
    answer(MINT, 201, &body)
}

pub(crate) fn hour(clock: &ManualClock) -> Timestamp {
    clock.now() + SignedDuration::from_hours(1)
}
