//! GitHub, as the app and its installations.

use std::sync::Arc;

use domain::{InstallationId, Login, Repository, SharedClock};
use secrecy::SecretString;
use tokio::sync::OnceCell;
use url::Url;

use super::{
    GitHubError, KeyError,
    jwt::AppTokens,
    key::SigningKey,
    limits::Account,
    scope::Scope,
    tokens::{TokenCache, TokenKey},
    transport::{Call, Transport},
};
use crate::{HttpClient, Response};

/// Which GitHub, and as which app.
#[derive(Clone, Debug)]
pub struct GitHubSettings {
    /// The base of the REST API: `https://api.github.com`, or `https://HOST/api/v3` of a GitHub
    /// Enterprise Server. The HTTP client must trust its origin unless it is public.
    pub api: Url,
    /// The app's id or its client id.
    pub app_id: String,
    /// The app's RSA key, PKCS#1 or PKCS#8 in PEM form.
    pub private_key: SecretString,
}

/// GitHub as the app sees it. Clones share tokens, known limits and connections.
#[derive(Clone, Debug)]
pub struct GitHub(pub(super) Arc<App>);

#[derive(Debug)]
pub(super) struct App {
    pub(super) transport: Transport,
    pub(super) bot: OnceCell<Login>,
    own: AppTokens,
    tokens: TokenCache,
}

impl GitHub {
    /// A client that has not spoken to GitHub yet. Fails if the key cannot be used.
    pub fn new(
        http: HttpClient,
        settings: GitHubSettings,
        clock: SharedClock,
    ) -> Result<Self, KeyError> {
        let key = SigningKey::read(&settings.private_key)?;
        Ok(Self(Arc::new(App {
            transport: Transport::new(http, settings.api, clock),
            bot: OnceCell::new(),
            own: AppTokens::new(settings.app_id, key),
            tokens: TokenCache::default(),
        })))
    }
}

impl App {
    /// Calls as the app itself.
    pub(super) async fn as_app(&self, call: Call) -> Result<Response, GitHubError> {
        let misconfigured = |reason: &str| GitHubError::Misconfigured {
            reason: reason.to_owned(),
        };
        let token = self
            .own
            .get(self.transport.clock().now())
            .map_err(|error| misconfigured(&format!("the app's key: {error}")))?;
        match self.transport.send(Account::App, &token, call).await {
            Err(GitHubError::Unauthorized) => Err(misconfigured(
                "GitHub does not accept the app's id and key, or this machine's clock is wrong",
            )),
            result => result,
        }
    }

    /// Calls as an installation, with a token for one repository and `scope` only. A kept token that
    /// GitHub refuses was revoked: it is dropped and the call made once more.
    pub(super) async fn as_installation(
        &self,
        installation: InstallationId,
        repository: &Repository,
        scope: Scope,
        call: Call,
    ) -> Result<Response, GitHubError> {
        let key = TokenKey {
            installation,
            repository: repository.id,
            scope,
        };
        let account = Account::Installation(installation);
        let token = self.token(key).await?;
        match self.transport.send(account, &token, call.clone()).await {
            Err(GitHubError::Unauthorized) => {
                self.tokens
                    .drop_token(key, &token, self.transport.clock().now())
                    .await;
                let token = self.token(key).await?;
                self.transport.send(account, &token, call).await
            }
            result => result,
        }
    }

    async fn token(&self, key: TokenKey) -> Result<SecretString, GitHubError> {
        let now = self.transport.clock().now();
        self.tokens
            .get(key, now, async || self.mint(key).await)
            .await
    }
}
