//! The command line.

use std::net::SocketAddr;

use clap::{Args, Parser, Subcommand};
use url::Url;

/// Operate a deployed stack. AWS credentials and the Region come from the environment.
#[derive(Debug, Parser)]
#[command(name = "switchyard-operations", version, about)]
pub struct Arguments {
    #[command(flatten)]
    pub(crate) target: Target,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The template's default for `ParameterRoot`.
const PARAMETER_ROOT: &str = "/switchyard";

/// Which stack.
#[derive(Clone, Debug, Args)]
pub(crate) struct Target {
    /// The stage that is operated on.
    #[arg(long, global = true, default_value = "dev")]
    pub(crate) stage: String,
    /// The name of its stack; `switchyard-<stage>` if not given.
    #[arg(long, global = true)]
    pub(crate) stack: Option<String>,
}

impl Target {
    /// The name of the stack.
    pub(crate) fn stack(&self) -> String {
        let usual = || format!("switchyard-{}", self.stage);
        self.stack.clone().unwrap_or_else(usual)
    }

    /// Where the settings are when the stack does not say it.
    pub(crate) fn prefix(&self) -> String {
        self.prefix_under(PARAMETER_ROOT)
    }

    /// Whether settings under a path are those of the stage, and of no other.
    pub(crate) fn owns(&self, path: &str) -> bool {
        path.rsplit('/').next() == Some(&self.stage)
    }

    /// Where the template has the stage's settings, under its parameter `ParameterRoot`.
    pub(crate) fn prefix_under(&self, root: &str) -> String {
        format!("{root}/{}", self.stage)
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Look whether the stage can be deployed, and make the keys of daemons and their tokens if there are none.
    Ready(Ready),
    /// Register a GitHub App for the stack and store its settings.
    Github(Register),
    /// Look whether everything is in place.
    Check,
    /// Let the functions read their settings anew.
    Reload,
    /// Replace the secret that webhooks are signed with, without losing one.
    RotateWebhookSecret,
    /// Replace the key that the daemons' tokens are signed with, without losing a job.
    RotateTokenKey,
    /// Replace the key by which daemons prove themselves, without losing a job.
    RotateDaemonKey,
    /// Let the GitHub App send its webhooks to this stack.
    PointWebhook,
    /// Remove the stack.
    Destroy(Destroy),
}

/// How to look whether a stage can be deployed.
#[derive(Debug, Args)]
pub struct Ready {
    /// The owners that the deployment is given, if it is.
    #[arg(long, default_value = "")]
    pub(crate) owners: String,
    /// The template's `ParameterRoot`, if the deployment is given one.
    #[arg(long)]
    pub(crate) parameter_root: Option<String>,
    /// The template's `ParameterKeyArn`, if the deployment is given one; empty is the account's own key.
    #[arg(long)]
    pub(crate) parameter_key: Option<String>,
    /// The deployment gives the daemon a key for the model provider.
    #[arg(long)]
    pub(crate) with_model_key: bool,
    /// The name of that key's setting, if it is not the usual one.
    #[arg(long)]
    pub(crate) model_secret: Option<String>,
}

/// How to register the app.
#[derive(Debug, Args)]
pub struct Register {
    /// The user or organisation that the app works for; part of its name.
    #[arg(long)]
    pub(crate) owner: String,
    /// The organisation that the app shall belong to; without it the app belongs to you.
    #[arg(long)]
    pub(crate) org: Option<String>,
    /// The app's name, which no other app on that GitHub has.
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Where webhooks are to go, if not to the stack's own address.
    #[arg(long)]
    pub(crate) webhook_url: Option<Url>,
    /// Where the page with the form is served.
    #[arg(long, default_value = "127.0.0.1:8790")]
    pub(crate) listen: SocketAddr,
    /// Take the place of an app whose settings are stored already.
    #[arg(long)]
    pub(crate) replace: bool,
}

/// How to remove the stack.
#[derive(Debug, Args)]
pub struct Destroy {
    /// The stage's name, so that nobody is asked for it.
    #[arg(long)]
    pub(crate) confirm: Option<String>,
    /// Delete the settings in Parameter Store too, the app's private key among them.
    #[arg(long)]
    pub(crate) with_settings: bool,
}
