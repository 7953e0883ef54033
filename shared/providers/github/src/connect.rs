//! Putting the client together from settings.

use domain::SharedClock;
use egress::{HttpClient, HttpSettings, SetupError};

use crate::{GitHub, GitHubSettings, KeyError};

/// Why the client cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The HTTP client.
    #[error(transparent)]
    Http(#[from] SetupError),
    /// The app's key.
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl GitHub {
    /// The client that `settings` describe. Their origin is trusted as it is: an operator chose it.
    pub fn connect(settings: GitHubSettings, clock: SharedClock) -> Result<Self, ConnectError> {
        let http = HttpClient::new(&HttpSettings::new(vec![settings.api.clone()]))?;
        Ok(Self::new(http, settings, clock)?)
    }
}
