//! How the app is registered, and where its webhooks go.

use std::collections::BTreeMap;

use http::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::{GitHub, GitHubError, answer, transport::Call};

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
    /// How many have installed it.
    #[serde(default)]
    pub installations_count: u64,
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
