//! A client of a scripted server, and what it is asked in every test.

use std::sync::Arc;

use domain::{Clock as _, InstallationId, ManualClock, SharedClock};
use github::{GitHub, GitHubSettings};
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
pub(crate) const LOOK: &str = "GET /repos/octo-demo/widgets";
pub(crate) const INFO: &str = r#"{"id":42,"default_branch":"main"}"#;
pub(crate) const INSTALLATION: InstallationId = InstallationId(7);

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
