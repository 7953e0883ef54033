//! What may be said on the command line, and what the stack is started with because of it.

use std::{net::SocketAddr, path::PathBuf};

use anyhow::{Result, bail};
use secrecy::SecretString;
use settings::{
    Declaration, GITHUB_APP_ID, GITHUB_APP_PRIVATE_KEY, GITHUB_GIT_URL, GITHUB_WEBHOOK_SECRET,
    PATH, SWITCHYARD_ALLOWED_OWNERS, SWITCHYARD_EDIT_MILLIS, SWITCHYARD_EVENTS_MILLIS,
    SWITCHYARD_GITHUB_TOKEN, SWITCHYARD_HEARTBEAT_SECONDS, SWITCHYARD_SANDBOX,
};

use super::Vars;
use crate::{
    addresses,
    stack::{AccessToken, FunctionsAt, GitHubAt, StackConfig},
};

/// Where the simulated GitHub takes the place of a real one.
const SIMULATED: &str = "sim";

/// On a laptop nobody pays for writes, and a person is watching.
static PACE: [&Declaration; 3] = [
    SWITCHYARD_EVENTS_MILLIS.declaration(),
    SWITCHYARD_EDIT_MILLIS.declaration(),
    SWITCHYARD_HEARTBEAT_SECONDS.declaration(),
];

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The directory for all state.
    #[arg(long, default_value = ".switchyard")]
    state: PathBuf,
    /// Where the functions' URLs listen: webhooks and the worker protocol.
    #[arg(long, default_value = "127.0.0.1:8787")]
    listen: SocketAddr,
    /// Where the public API listens.
    #[arg(long, default_value = "127.0.0.1:8789")]
    api: SocketAddr,
    /// Where the AWS endpoints listen.
    #[arg(long, default_value = "127.0.0.1:4566")]
    aws: SocketAddr,
    /// `sim`, or the base of a real GitHub's REST API; a real one takes its app from `GITHUB_APP_ID`,
    /// `GITHUB_APP_PRIVATE_KEY` and `GITHUB_WEBHOOK_SECRET`, and clones from `GITHUB_GIT_URL` if that is set. Daemons get
    /// `SWITCHYARD_GITHUB_TOKEN` in place of the app's tokens for git if that is set and there is one owner.
    #[arg(long, default_value = "sim")]
    github: String,
    /// Where the simulated GitHub listens.
    #[arg(long, default_value = "127.0.0.1:8788")]
    github_listen: SocketAddr,
    /// `mounted`, or the address of `cargo lambda watch`.
    #[arg(long, default_value = "mounted")]
    functions: String,
    /// Owners whose repositories may be worked on, separated by commas.
    #[arg(long, env = SWITCHYARD_ALLOWED_OWNERS.name(), default_value = SWITCHYARD_ALLOWED_OWNERS.local_default())]
    owners: String,
    /// How agents are shut in: `auto`, `uid`, `namespaces` or `none`.
    #[arg(long, env = SWITCHYARD_SANDBOX.name())]
    sandbox: Option<String>,
    /// Start no daemon: jobs wait until one is there.
    #[arg(long)]
    without_daemon: bool,
}

/// Whether the stack has a daemon of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Daemons {
    /// One, which is started again when it ends.
    One,
    /// None.
    None,
}

impl Options {
    /// Whether a daemon is wanted.
    pub(crate) const fn daemons(&self) -> Daemons {
        if self.without_daemon {
            Daemons::None
        } else {
            Daemons::One
        }
    }

    /// Whether GitHub is the simulated one.
    pub(crate) fn is_simulated(&self) -> bool {
        self.github == SIMULATED
    }

    /// The owners whose repositories may be worked on.
    pub(crate) fn owners(&self) -> Vec<&str> {
        let owners = self.owners.split(',').map(str::trim);
        owners.filter(|owner| !owner.is_empty()).collect()
    }

    /// How agents are to be shut in, if it was said.
    pub(crate) fn sandbox(&self) -> Option<&str> {
        self.sandbox.as_deref()
    }

    /// What the stack is started with.
    pub(crate) fn config(&self, vars: &Vars) -> Result<StackConfig> {
        let state = std::path::absolute(&self.state)?;
        let mut config = StackConfig::new(state);
        config.listen = self.listen;
        config.api = self.api;
        config.aws = self.aws;
        config.github = self.github(vars)?;
        config.webhook_secret = GITHUB_WEBHOOK_SECRET.of(vars).map(Into::into);
        config.github_token = self.github_token(vars)?;
        if self.functions != "mounted" {
            config.functions = FunctionsAt::Remote(addresses::functions(&self.functions)?);
            config.access = AccessToken::Kept;
        }
        config
            .parameters
            .insert("AllowedOwners".to_owned(), self.owners.clone());
        for setting in PACE {
            if let Some(value) = setting.from_terminal(vars) {
                let name = setting.name().to_owned();
                config.settings.insert(name, value.to_owned());
            }
        }
        if let Some(path) = vars.get(PATH.name()) {
            config.path.clone_from(path);
        }
        Ok(config)
    }

    /// The operator's own token for git. It may do what it may do in every repository it reaches, so it is taken for one
    /// owner alone.
    fn github_token(&self, vars: &Vars) -> Result<Option<SecretString>> {
        let token = SWITCHYARD_GITHUB_TOKEN.of(vars);
        let owners = self.owners();
        if token.is_some() && owners.len() != 1 {
            let name = SWITCHYARD_GITHUB_TOKEN.name();
            bail!(
                "{name} is set, and the owners are {:?}. Name the one owner that it is for with --owners, or unset \
                 {name}, so that daemons get tokens of the app.",
                self.owners
            );
        }
        Ok(token.map(Into::into))
    }

    fn github(&self, vars: &Vars) -> Result<GitHubAt> {
        if self.github == SIMULATED {
            return Ok(GitHubAt::Simulated(self.github_listen));
        }
        let api = addresses::github_api(&self.github)?;
        let (app_id, private_key, webhook_secret) = (
            GITHUB_APP_ID.of(vars),
            GITHUB_APP_PRIVATE_KEY.of(vars),
            GITHUB_WEBHOOK_SECRET.of(vars),
        );
        let (Some(app_id), Some(private_key), Some(webhook_secret)) =
            (app_id, private_key, webhook_secret)
        else {
            let of_the_app = [
                (GITHUB_APP_ID.name(), app_id),
                (GITHUB_APP_PRIVATE_KEY.name(), private_key),
                (GITHUB_WEBHOOK_SECRET.name(), webhook_secret),
            ];
            let missing = of_the_app.into_iter().filter(|(_, value)| value.is_none());
            let missing: Vec<&str> = missing.map(|(name, _)| name).collect();
            bail!(
                "a real GitHub needs these variables of your app to be set: {}",
                missing.join(", ")
            );
        };
        let git = match GITHUB_GIT_URL.of(vars) {
            Some(text) => addresses::git(text)?,
            None => github::git_address(&api),
        };
        Ok(GitHubAt::Real {
            api,
            git,
            app_id: app_id.to_owned(),
            private_key: private_key.into(),
            webhook_secret: webhook_secret.into(),
        })
    }
}
