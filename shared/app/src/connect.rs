//! Putting the provider's client together from settings.

use domain::SharedClock;
use egress::{GitHub, GitHubSettings, HttpClient, HttpSettings, KeyError, SetupError};

/// Why the provider's client cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The HTTP client.
    #[error(transparent)]
    Http(#[from] SetupError),
    /// The app's key.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// The GitHub client that `settings` describe. Their origin is trusted as it is: an operator chose it.
pub fn github(settings: GitHubSettings, clock: SharedClock) -> Result<GitHub, ConnectError> {
    let http = HttpClient::new(&HttpSettings::new(vec![settings.api.clone()]))?;
    Ok(GitHub::new(http, settings, clock)?)
}
