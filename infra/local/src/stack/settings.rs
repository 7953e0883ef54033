//! The settings of functions and daemons: what the template says, and what Parameter Store would add.

use std::collections::{BTreeMap, HashMap};

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::{GitHubAt, StackConfig};
use crate::{secrets::Secrets, template::Template};

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
                webhook_secret: secrets.webhook.clone(),
            }),
            (GitHubAt::Simulated(_), None) => None,
        }
    }
}

/// The settings of each function: the template's environment, what the caller adds, and the secrets that the
/// function would find in Parameter Store.
pub(super) fn of_functions(
    template: &Template,
    config: &StackConfig,
    app: &GitHubApp,
    secrets: &Secrets,
) -> BTreeMap<String, HashMap<String, String>> {
    let parameters = [
        ("GITHUB_APP_ID", app.app_id.as_str()),
        ("GITHUB_APP_PRIVATE_KEY", app.private_key.expose_secret()),
        ("GITHUB_WEBHOOK_SECRET", app.webhook_secret.expose_secret()),
        ("SWITCHYARD_TOKEN_KEY", secrets.tokens.expose_secret()),
        ("SWITCHYARD_DAEMON_KEY", secrets.daemons.expose_secret()),
    ];
    let mut all = BTreeMap::new();
    for function in &template.functions {
        let mut settings: HashMap<String, String> =
            function.environment.clone().into_iter().collect();
        settings.remove("SWITCHYARD_PARAMETERS");
        settings.extend(config.settings.clone());
        for (name, value) in parameters {
            settings.insert(name.to_owned(), value.to_owned());
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
    aws_url: &str,
) -> BTreeMap<String, String> {
    let mut environment = BTreeMap::new();
    if let Some(service) = template.services.first() {
        environment.extend(service.environment.clone());
    }
    let work = config.state.join("work");
    for (name, value) in [
        ("SWITCHYARD_DAEMON_KEY", secrets.daemons.expose_secret()),
        ("AWS_ENDPOINT_URL", aws_url),
        ("AWS_ACCESS_KEY_ID", "daemon"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_REGION", endpoints::REGION),
        ("PATH", config.path.as_str()),
        ("SWITCHYARD_WORK_DIR", &work.to_string_lossy()),
    ] {
        environment.insert(name.to_owned(), value.to_owned());
    }
    environment
}
