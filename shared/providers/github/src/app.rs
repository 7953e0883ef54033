//! GitHub, as the app and its installations.

use std::sync::Arc;

use domain::{InstallationId, Login, Repository, SharedClock};
use secrecy::SecretString;
use tokio::sync::OnceCell;
use url::Url;

use crate::{
    GitHubError, KeyError, fresh,
    jwt::AppTokens,
    key::SigningKey,
    limits::Account,
    scope::Scope,
    skew::Learned,
    tokens::{Kept, TokenCache, TokenKey},
    transport::{Call, Transport},
};
use egress::{HttpClient, Response};

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
pub struct GitHub(pub(crate) Arc<App>);

#[derive(Debug)]
pub(crate) struct App {
    pub(crate) transport: Transport,
    pub(crate) bot: OnceCell<Login>,
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
    /// Calls as the app itself. Where GitHub's clock differs from ours by so much that it refuses the token,
    /// the call is made once more by its time.
    pub(crate) async fn as_app(&self, call: Call) -> Result<Response, GitHubError> {
        let result = match self.as_app_once(call.clone()).await {
            Err(GitHubError::Unauthorized) => match self.transport.skew().learn() {
                Learned::Corrected(skew) => {
                    let seconds = skew.as_secs();
                    tracing::warn!(seconds, "this machine's clock is wrong by GitHub's");
                    self.as_app_once(call).await
                }
                Learned::Nothing => Err(GitHubError::Unauthorized),
            },
            result => result,
        };
        match result {
            Err(GitHubError::Unauthorized) => {
                Err(misconfigured("GitHub does not accept the app's id and key"))
            }
            result => result,
        }
    }

    async fn as_app_once(&self, call: Call) -> Result<Response, GitHubError> {
        let now = self.transport.skew().correct(self.transport.clock().now());
        let token = self.own.get(now);
        let token = token.map_err(|error| misconfigured(&format!("the app's key: {error}")))?;
        self.transport.send(Account::App, &token, call).await
    }

    /// Calls as an installation, with a token for one repository and `scope` only. A token that was just minted
    /// may not be known everywhere yet; a kept one that GitHub refuses was revoked: it is dropped and the
    /// call made once more.
    pub(crate) async fn as_installation(
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
        let kept = self.token(key).await?;
        match self.with(&kept, installation, &call).await {
            Err(GitHubError::Unauthorized) => {
                self.tokens
                    .drop_token(key, &kept.token, self.transport.clock().now())
                    .await;
                let kept = self.token(key).await?;
                self.with(&kept, installation, &call).await
            }
            result => result,
        }
    }

    async fn with(
        &self,
        kept: &Kept,
        installation: InstallationId,
        call: &Call,
    ) -> Result<Response, GitHubError> {
        let account = Account::Installation(installation);
        let mut pauses = fresh::PAUSES.into_iter();
        loop {
            let sent = self
                .transport
                .send(account, &kept.token, call.clone())
                .await;
            let now = self.transport.clock().now();
            let early = |error: &GitHubError| fresh::may_be_too_early(error, kept.minted, now);
            match (sent, pauses.next()) {
                (Err(error), Some(pause)) if early(&error) => tokio::time::sleep(pause).await,
                (sent, _) => return sent,
            }
        }
    }

    async fn token(&self, key: TokenKey) -> Result<Kept, GitHubError> {
        let now = self.transport.clock().now();
        self.tokens
            .get(key, now, async || self.mint(key).await)
            .await
    }
}

fn misconfigured(reason: &str) -> GitHubError {
    GitHubError::Misconfigured {
        reason: reason.to_owned(),
    }
}
