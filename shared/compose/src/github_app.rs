//! GitHub, as the app.

use std::sync::Arc;

use domain::SharedClock;
use github::{ConnectError, GitHub, GitHubSettings};
use settings::{GITHUB_API_URL, GITHUB_APP_ID, GITHUB_APP_PRIVATE_KEY, Reader};

/// GitHub, as the app. Nothing is sent yet.
pub fn github_app(read: &mut Reader<'_>, clock: &SharedClock) -> Option<Arc<GitHub>> {
    let (api, app_id) = (read.get(&GITHUB_API_URL), read.get(&GITHUB_APP_ID));
    let private_key = read.get(&GITHUB_APP_PRIVATE_KEY);
    let settings = GitHubSettings {
        api: api?,
        app_id: app_id?,
        private_key: private_key?,
    };
    match GitHub::connect(settings, clock.clone()) {
        Ok(github) => Some(Arc::new(github)),
        Err(ConnectError::Key(error)) => {
            read.wrong(&GITHUB_APP_PRIVATE_KEY, error.to_string());
            None
        }
        Err(ConnectError::Http(error)) => {
            read.wrong(&GITHUB_API_URL, error.to_string());
            None
        }
    }
}
