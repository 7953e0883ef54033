//! The GitHub App of a stack.

mod form;
mod manifest;
mod page;
mod registered;

pub(crate) use form::Form;
pub(crate) use manifest::Manifest;
pub(crate) use page::{Note, Page, Visit, Visits};
pub(crate) use registered::{Registered, exchange};

use anyhow::{Context as _, Result};
use domain::SharedClock;
use egress::{HttpClient, HttpSettings};
use github::{GitHub, GitHubSettings};
use secrecy::SecretString;
use url::Url;

/// The guarded client; the operator named `trusted`.
pub(crate) fn http(trusted: Vec<Url>) -> Result<HttpClient> {
    HttpClient::new(&HttpSettings::new(trusted)).context("this machine cannot speak HTTP")
}

/// GitHub as the app.
pub(crate) fn as_app(
    api: &Url,
    app_id: &SecretString,
    private_key: &SecretString,
    clock: &SharedClock,
) -> Result<GitHub> {
    use secrecy::ExposeSecret as _;

    let settings = GitHubSettings {
        api: api.clone(),
        app_id: app_id.expose_secret().trim().to_owned(),
        private_key: private_key.clone(),
    };
    GitHub::new(http(vec![api.clone()])?, settings, clock.clone())
        .context("the stored private key cannot be used")
}
