//! What may be said on the command line, and what the stack is started with because of it.

use std::{net::SocketAddr, path::PathBuf};

use anyhow::{Result, bail};
use secrecy::SecretString;

use super::Vars;
use crate::{
    addresses,
    stack::{AccessToken, FunctionsAt, GitHubAt, StackConfig},
};

/// Where the simulated GitHub takes the place of a real one.
const SIMULATED: &str = "sim";
const WEBHOOK_SECRET: &str = "GITHUB_WEBHOOK_SECRET";
const GITHUB_TOKEN: &str = "SWITCHYARD_GITHUB_TOKEN";

/// On a laptop nobody pays for writes, and a person is watching.
const PACE: [(&str, &str); 3] = [
    ("SWITCHYARD_EVENTS_MILLIS", "300"),
    ("SWITCHYARD_EDIT_MILLIS", "700"),
    ("SWITCHYARD_HEARTBEAT_SECONDS", "5"),
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
    #[arg(long, env = "SWITCHYARD_ALLOWED_OWNERS", default_value = "octo-demo")]
    owners: String,
    /// How agents are shut in: `auto`, `uid`, `namespaces` or `none`.
    #[arg(long, env = "SWITCHYARD_SANDBOX")]
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
        config.webhook_secret = set(vars, WEBHOOK_SECRET).map(|secret| secret.clone().into());
        config.github_token = self.github_token(vars)?;
        if self.functions != "mounted" {
            config.functions = FunctionsAt::Remote(addresses::functions(&self.functions)?);
            config.access = AccessToken::Kept;
        }
        config
            .parameters
            .insert("AllowedOwners".to_owned(), self.owners.clone());
        for (name, value) in PACE {
            let value = vars.get(name).map_or(value, String::as_str);
            config.settings.insert(name.to_owned(), value.to_owned());
        }
        if let Some(path) = vars.get("PATH") {
            config.path.clone_from(path);
        }
        Ok(config)
    }

    /// The operator's own token for git. It may do what it may do in every repository it reaches, so it is taken for one
    /// owner alone.
    fn github_token(&self, vars: &Vars) -> Result<Option<SecretString>> {
        let token = set(vars, GITHUB_TOKEN);
        let owners = self.owners();
        if token.is_some() && owners.len() != 1 {
            bail!(
                "{GITHUB_TOKEN} is set, and the owners are {:?}. Name the one owner that it is for with --owners, or unset \
                 {GITHUB_TOKEN}, so that daemons get tokens of the app.",
                self.owners
            );
        }
        Ok(token.map(|token| token.clone().into()))
    }

    fn github(&self, vars: &Vars) -> Result<GitHubAt> {
        let set = |name: &str| set(vars, name);
        if self.github == SIMULATED {
            return Ok(GitHubAt::Simulated(self.github_listen));
        }
        let api = addresses::github_api(&self.github)?;
        let names = ["GITHUB_APP_ID", "GITHUB_APP_PRIVATE_KEY", WEBHOOK_SECRET];
        let missing: Vec<_> = names
            .into_iter()
            .filter(|name| set(name).is_none())
            .collect();
        if !missing.is_empty() {
            bail!(
                "a real GitHub needs these variables of your app to be set: {}",
                missing.join(", ")
            );
        }
        let of = |name: &str| set(name).cloned().unwrap_or_default();
        let secret = |name: &str| SecretString::from(of(name));
        let git = match set("GITHUB_GIT_URL") {
            Some(text) => addresses::git(text)?,
            None => github::git_address(&api),
        };
        Ok(GitHubAt::Real {
            api,
            git,
            app_id: of("GITHUB_APP_ID"),
            private_key: secret("GITHUB_APP_PRIVATE_KEY"),
            webhook_secret: secret(WEBHOOK_SECRET),
        })
    }
}

/// A variable that is set to something.
fn set<'a>(vars: &'a Vars, name: &str) -> Option<&'a String> {
    vars.get(name).filter(|value| !value.trim().is_empty())
}
