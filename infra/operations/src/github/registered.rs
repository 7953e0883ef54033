//! Exchanging the code for the app.

use std::fmt;

use anyhow::{Context as _, Result, bail};
use egress::Request;
use http::{HeaderName, HeaderValue, Method};
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

const API_VERSION: HeaderName = HeaderName::from_static("x-github-api-version");

/// The app as GitHub hands it over, which it does once.
#[derive(Deserialize)]
pub(crate) struct Registered {
    pub(crate) id: u64,
    pub(crate) slug: String,
    pub(crate) html_url: String,
    pub(crate) pem: SecretString,
    pub(crate) webhook_secret: Option<SecretString>,
}

impl fmt::Debug for Registered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registered")
            .field("slug", &self.slug)
            .finish_non_exhaustive()
    }
}

impl Registered {
    /// Where it is installed on repositories.
    pub(crate) fn install_link(&self) -> String {
        format!("{}/installations/new", self.html_url.trim_end_matches('/'))
    }
}

/// Asks the API at `api` for what `code` stands for. A code is good once and for an hour.
pub(crate) async fn exchange(api: &Url, code: &str) -> Result<Registered> {
    let mut url = api.clone();
    url.path_segments_mut()
        .map_err(|()| anyhow::anyhow!("{api} is no address of an API"))?
        .pop_if_empty()
        .extend(["app-manifests", code, "conversions"]);
    let request = Request::new(Method::POST, url)
        .accept("application/vnd.github+json")
        .header(API_VERSION, HeaderValue::from_static("2022-11-28"));
    let response = super::http(vec![api.clone()])?
        .send(request)
        .await
        .context("GitHub cannot be asked for the app")?;
    if response.status != http::StatusCode::CREATED {
        bail!(
            "GitHub does not hand the app over (status {}): the code was used already or is older than an hour",
            response.status
        );
    }
    // The error of the parser would quote what it read.
    let app = response.json().ok();
    app.context("GitHub's answer does not describe an app")
}
