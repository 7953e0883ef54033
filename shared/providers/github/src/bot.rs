//! Who the app is.

use domain::Login;
use serde::Deserialize;

use crate::{GitHub, GitHubError, answer, transport::Call};

#[derive(Deserialize)]
struct AppInfo {
    slug: String,
}

impl GitHub {
    /// The login under which the app writes, `<slug>[bot]`. Asked once and then kept.
    pub async fn bot_login(&self) -> Result<Login, GitHubError> {
        self.0
            .bot
            .get_or_try_init(|| self.ask_for_bot())
            .await
            .cloned()
    }

    async fn ask_for_bot(&self) -> Result<Login, GitHubError> {
        let call = Call::get(self.0.transport.url(&["app"])?);
        let info: AppInfo = answer::read(&self.0.as_app(call).await?)?;
        Login::try_from(format!("{}[bot]", info.slug))
            .map_err(|error| GitHubError::unexpected(format!("the app's slug is {error}")))
    }
}
