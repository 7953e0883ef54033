//! The settings of functions and daemons: what the template says, and what Parameter Store would add.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
};

use aws_local::Endpoints;
use data_encoding::HEXLOWER;
use domain::Random;
use ring::hmac;
use secrecy::{ExposeSecret, SecretString};
use settings::{
    AWS_REGION, GITHUB_APP_ID, GITHUB_APP_PRIVATE_KEY, GITHUB_WEBHOOK_SECRET, PATH,
    SWITCHYARD_DAEMON_KEY, SWITCHYARD_GITHUB_TOKEN, SWITCHYARD_PARAMETERS,
    SWITCHYARD_SANDBOX_HIDDEN, SWITCHYARD_SIMULATED, SWITCHYARD_TOKEN_KEY, SWITCHYARD_WORK_DIR,
};
use url::Url;

use super::{AccessToken, GitHubAt, StackConfig};
use crate::{
    secrets::{self, Secrets},
    template::Template,
};

/// The simulated app's id. Any number would do.
pub(super) const APP_ID: u64 = 1_000_001;

/// The GitHub that the functions speak to, and as whom.
#[derive(Clone, Debug)]
pub(super) struct GitHubApp {
    pub(super) api: Url,
    pub(super) git: Url,
    pub(super) app_id: String,
    pub(super) private_key: SecretString,
    pub(super) webhook_secret: SecretString,
}

impl GitHubApp {
    /// The app at a real GitHub, or at the simulated one that serves at `simulated`.
    pub(super) fn of(
        config: &StackConfig,
        secrets: &Secrets,
        simulated: Option<(Url, Url)>,
    ) -> Option<Self> {
        match (&config.github, simulated) {
            (
                GitHubAt::Real {
                    api,
                    git,
                    app_id,
                    private_key,
                    webhook_secret,
                },
                _,
            ) => Some(Self {
                api: api.clone(),
                git: git.clone(),
                app_id: app_id.clone(),
                private_key: private_key.clone(),
                webhook_secret: webhook_secret.clone(),
            }),
            (GitHubAt::Simulated(_), Some((api, git))) => Some(Self {
                api,
                git,
                app_id: APP_ID.to_string(),
                private_key: simgithub::DEMONSTRATION_KEY_PEM.into(),
                webhook_secret: simulated_webhook_secret(config, secrets),
            }),
            (GitHubAt::Simulated(_), None) => None,
        }
    }
}

/// What the simulated GitHub signs webhooks with.
pub(super) fn simulated_webhook_secret(config: &StackConfig, secrets: &Secrets) -> SecretString {
    let given = config.webhook_secret.as_ref();
    given.unwrap_or(&secrets.webhook).clone()
}

/// The session token without which nobody uses the AWS endpoints.
pub(super) fn access_token(
    config: &StackConfig,
    secrets: &Secrets,
    random: &dyn Random,
) -> SecretString {
    match config.access {
        AccessToken::Fresh => secrets::make(random).into(),
        AccessToken::Kept => {
            let key = secrets.tokens.expose_secret().as_bytes();
            let key = hmac::Key::new(hmac::HMAC_SHA256, key);
            let token = hmac::sign(&key, b"the local AWS endpoints");
            HEXLOWER.encode(token.as_ref()).into()
        }
    }
}

/// What a process of its own needs to use the AWS endpoints as `caller`.
pub(super) fn of_aws(endpoints: &Endpoints, caller: &str) -> [(&'static str, String); 5] {
    let token = endpoints.access().token();
    let token = token.map(|token| token.expose_secret().to_owned());
    [
        ("AWS_ENDPOINT_URL", endpoints.url().to_owned()),
        ("AWS_ACCESS_KEY_ID", caller.to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ("AWS_SESSION_TOKEN", token.unwrap_or_default()),
        (AWS_REGION.name(), aws_local::REGION.to_owned()),
    ]
}

/// The settings of each function: the template's environment, what the caller adds, and the secrets that a
/// function which reads Parameter Store would find there.
pub(super) fn of_functions(
    template: &Template,
    config: &StackConfig,
    app: &GitHubApp,
    secrets: &Secrets,
) -> BTreeMap<String, HashMap<String, String>> {
    let parameters = [
        (GITHUB_APP_ID.name(), app.app_id.as_str()),
        (
            GITHUB_APP_PRIVATE_KEY.name(),
            app.private_key.expose_secret(),
        ),
        (
            GITHUB_WEBHOOK_SECRET.name(),
            app.webhook_secret.expose_secret(),
        ),
        (SWITCHYARD_TOKEN_KEY.name(), secrets.tokens.expose_secret()),
        (
            SWITCHYARD_DAEMON_KEY.name(),
            secrets.daemons.expose_secret(),
        ),
    ];
    let mut all = BTreeMap::new();
    for function in &template.functions {
        let mut settings: HashMap<String, String> =
            function.environment.clone().into_iter().collect();
        let reads = settings.remove(SWITCHYARD_PARAMETERS.name());
        settings.extend(config.settings.clone());
        let token = config.github_token.as_ref();
        let token = token.map(|token| (SWITCHYARD_GITHUB_TOKEN.name(), token.expose_secret()));
        if reads.is_some() {
            for (name, value) in parameters.into_iter().chain(token) {
                settings.insert(name.to_owned(), value.to_owned());
            }
        }
        all.insert(function.name.clone(), settings);
    }
    all
}

/// The environment of a daemon: what the template gives its service, and what AWS and the image would add.
pub(super) fn of_daemons(
    template: &Template,
    config: &StackConfig,
    secrets: &Secrets,
    endpoints: &Endpoints,
    work: &Path,
) -> BTreeMap<String, String> {
    let mut environment = BTreeMap::new();
    if let Some(service) = template.services.first() {
        environment.extend(service.environment.clone());
    }
    let key = secrets.daemons.expose_secret().to_owned();
    let simulated = match config.github {
        GitHubAt::Simulated(_) => "yes",
        GitHubAt::Real { .. } => "no",
    };
    let state = config.state.to_string_lossy().into_owned();
    let own = [
        (SWITCHYARD_DAEMON_KEY.name(), key),
        (PATH.name(), config.path.clone()),
        (
            SWITCHYARD_WORK_DIR.name(),
            work.to_string_lossy().into_owned(),
        ),
        (SWITCHYARD_SIMULATED.name(), simulated.to_owned()),
        (SWITCHYARD_SANDBOX_HIDDEN.name(), state),
    ];
    for (name, value) in of_aws(endpoints, "daemon").into_iter().chain(own) {
        environment.insert(name.to_owned(), value);
    }
    environment
}
