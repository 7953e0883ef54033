//! How the app is registered, and where its webhooks go.

use std::{collections::BTreeMap, fmt};

use http::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;
use url::Url;

use crate::{GitHub, GitHubError, answer, transport::Call};

/// What the app may do where it is installed, and no more: a name, and `read` or `write`.
pub const PERMISSIONS: [(&str, &str); 4] = [
    ("contents", "write"),
    ("issues", "write"),
    ("metadata", "read"),
    ("pull_requests", "write"),
];

/// What the app is told of.
pub const EVENTS: [&str; 3] = ["issue_comment", "issues", "pull_request"];

/// The app as its owner registered it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Registration {
    /// Its name in addresses.
    pub slug: String,
    /// Its public page.
    pub html_url: String,
    /// What it asks of whoever installs it: a name, and `read` or `write`.
    #[serde(default)]
    pub permissions: BTreeMap<String, String>,
    /// The events it is sent.
    #[serde(default)]
    pub events: Vec<String>,
}

/// Something that the app's registration or an installation lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// A permission: its name, and the level that is needed.
    Permission(&'static str, &'static str),
    /// An event that the app is not told of.
    Event(&'static str),
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Permission(name, level) => write!(f, "the permission {name}: {level}"),
            Self::Event(event) => write!(f, "the event {event}"),
        }
    }
}

impl Registration {
    /// What of [`PERMISSIONS`] and [`EVENTS`] is not there. More than is needed is no lack.
    pub fn lacks(&self) -> Vec<Lack> {
        lacks(&self.permissions, &self.events)
    }
}

/// What of [`PERMISSIONS`] and [`EVENTS`] is not among those.
pub(crate) fn lacks(permissions: &BTreeMap<String, String>, events: &[String]) -> Vec<Lack> {
    let missing = PERMISSIONS.into_iter().filter(|(name, level)| {
        let given = permissions.get(*name).map(String::as_str);
        !matches!(given, Some("write" | "admin")) && given != Some(*level)
    });
    let untold = EVENTS
        .into_iter()
        .filter(|event| !events.iter().any(|given| given == event));
    missing
        .map(|(name, level)| Lack::Permission(name, level))
        .chain(untold.map(Lack::Event))
        .collect()
}

/// Where the app's webhooks go.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct WebhookConfig {
    /// The address, as it was written.
    #[serde(default)]
    pub url: Option<String>,
    /// `json` or `form`.
    #[serde(default)]
    pub content_type: Option<String>,
    /// `1` if certificates are not looked at.
    #[serde(default)]
    pub insecure_ssl: Option<serde_json::Value>,
}

impl GitHub {
    /// The app's registration, as it is now.
    pub async fn registration(&self) -> Result<Registration, GitHubError> {
        let call = Call::get(self.0.transport.url(&["app"])?);
        answer::read(&self.0.as_app(call).await?)
    }

    /// Where webhooks go. What they are signed with is not shown by GitHub.
    pub async fn webhook(&self) -> Result<WebhookConfig, GitHubError> {
        let call = Call::get(self.0.transport.url(&["app", "hook", "config"])?);
        answer::read(&self.0.as_app(call).await?)
    }

    /// Lets GitHub sign webhooks with `secret` from now on.
    pub async fn sign_webhooks_with(&self, secret: &SecretString) -> Result<(), GitHubError> {
        self.change_webhook(&json!({"secret": secret.expose_secret()}))
            .await
    }

    /// Lets GitHub send webhooks to `url` from now on, as JSON.
    pub async fn send_webhooks_to(&self, url: &Url) -> Result<(), GitHubError> {
        let change = json!({"url": url.as_str(), "content_type": "json", "insecure_ssl": "0"});
        self.change_webhook(&change).await
    }

    async fn change_webhook(&self, change: &serde_json::Value) -> Result<(), GitHubError> {
        let url = self.0.transport.url(&["app", "hook", "config"])?;
        let call = Call::write(Method::PATCH, url, change)?.repeatable();
        self.0.as_app(call).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lacks(permissions: &[(&str, &str)], events: &[&str]) -> Vec<Lack> {
        let owned = |(name, level): &(&str, &str)| ((*name).to_owned(), (*level).to_owned());
        let registration = Registration {
            slug: "switchyard".to_owned(),
            html_url: "https://github.com/apps/switchyard".to_owned(),
            permissions: permissions.iter().map(owned).collect(),
            events: events.iter().map(|event| (*event).to_owned()).collect(),
        };
        registration.lacks()
    }

    #[test]
    fn what_is_missing_is_named_and_more_than_enough_is_enough() {
        assert_eq!(lacks(&PERMISSIONS, &EVENTS), []);
        let more = [
            PERMISSIONS[0],
            PERMISSIONS[1],
            ("metadata", "write"),
            ("pull_requests", "admin"),
        ];
        assert_eq!(lacks(&more, &[EVENTS[0], EVENTS[1], EVENTS[2], "push"]), []);
        let less = [("contents", "read"), PERMISSIONS[1], PERMISSIONS[2]];
        assert_eq!(
            lacks(&less, &["issues"]),
            [
                Lack::Permission("contents", "write"),
                Lack::Permission("pull_requests", "write"),
                Lack::Event("issue_comment"),
                Lack::Event("pull_request"),
            ]
        );
    }
}
