//! The whole system on one machine.

mod config;
mod settings;
mod start;
mod work;

use std::{
    collections::{BTreeMap, HashMap},
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, Result};
use aws_local::Endpoints;
use domain::{SharedClock, SharedRandom};
use kit::Clients;
use secrecy::SecretString;
use serde_json::json;
use simgithub::SimGitHub;
use store::Store;
use tokio::sync::watch;
use tokio_util::{sync::DropGuard, task::TaskTracker};
use url::Url;

pub use config::{AccessToken, FunctionsAt, GitHubAt, Schedule, StackConfig, StackError};

use crate::{
    daemons::{Daemon, DaemonCommand},
    functions::{FunctionName, Functions},
    secrets::Secrets,
    template::Template,
    work_folder::WorkFolder,
};

/// The whole system on one machine. Dropping it stops everything as suddenly as the end of the process would.
#[derive(Debug)]
pub struct Stack {
    config: StackConfig,
    template: Template,
    secrets: Secrets,
    endpoints: Endpoints,
    github: Option<SimGitHub>,
    functions: Arc<Functions>,
    address: SocketAddr,
    api: SocketAddr,
    daemon_environment: BTreeMap<String, String>,
    /// Where daemons work. It goes last, when they have ended.
    work: WorkFolder,
    random: SharedRandom,
    /// Counts how often the clock was moved.
    moves: watch::Sender<u64>,
    stop: DropGuard,
    tracker: TaskTracker,
}

impl Stack {
    /// The base of the functions' URLs: of webhooks and of the worker protocol.
    pub fn url(&self) -> Url {
        start::base(self.address)
    }

    /// The base of the public API.
    pub fn api_url(&self) -> Url {
        start::base(self.api)
    }

    /// The AWS endpoints.
    pub fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// The simulated GitHub.
    pub fn github(&self) -> Result<&SimGitHub> {
        self.github
            .as_ref()
            .context("this stack uses a real GitHub")
    }

    /// What the template says.
    pub fn template(&self) -> &Template {
        &self.template
    }

    /// What webhooks are signed with.
    pub fn webhook_secret(&self) -> &SecretString {
        &self.secrets.webhook
    }

    /// What everything is signed with.
    pub(crate) const fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// What daemons prove themselves with.
    pub fn daemon_key(&self) -> &SecretString {
        &self.secrets.daemons
    }

    /// The table, to look at.
    pub fn store(&self) -> Result<Store> {
        let table = self
            .template
            .tables
            .first()
            .context("a template without a table")?;
        let aws = Clients::new(self.endpoints.sdk_config("observer"));
        Ok(Store::new(
            aws.dynamodb(),
            table.name.clone(),
            self.random.clone(),
        ))
    }

    /// The clock of the functions.
    pub fn clock(&self) -> SharedClock {
        self.config.clock.clone()
    }

    /// The directory of all state.
    pub fn state(&self) -> &Path {
        &self.config.state
    }

    /// Where daemons make the folders of jobs, unless their settings say otherwise.
    pub fn work_dir(&self) -> PathBuf {
        self.work.jobs()
    }

    /// The name of the table.
    pub fn table(&self) -> Result<&str> {
        let table = self
            .template
            .tables
            .first()
            .context("a template without a table")?;
        Ok(&table.name)
    }

    /// How often each function was called so far, by its name.
    pub fn invocations(&self) -> BTreeMap<&'static str, u64> {
        self.functions.calls()
    }

    /// Lets the scheduler look once, now.
    pub async fn tick(&self) -> Result<serde_json::Value> {
        self.functions
            .invoke(FunctionName::Scheduler, json!({ "source": "by hand" }))
            .await
    }

    /// Wakes whoever waits for a time that a moved clock has reached.
    pub fn clock_moved(&self) {
        self.endpoints.clock_moved();
        self.moves.send_modify(|moves| *moves += 1);
    }

    /// Starts a daemon as a process of its own, with the environment that the template gives its service.
    pub fn start_daemon(&self, command: &DaemonCommand) -> Result<Daemon> {
        let log = self.config.state.join("log").join("daemon.jsonl");
        Daemon::start(command, &self.daemon_environment, &log)
    }

    /// What a daemon with these settings would run, without starting one. All that is wrong with the settings is
    /// said together.
    pub fn check_daemon(&self, command: &DaemonCommand) -> Result<daemon::Prospect> {
        let mut variables: HashMap<String, String> =
            self.daemon_environment.clone().into_iter().collect();
        variables.extend(command.settings.clone());
        Ok(daemon::check(&variables, self.random.as_ref())?)
    }

    /// The sandbox that a daemon with these settings would use.
    pub(crate) async fn sandbox_of(&self, command: &DaemonCommand) -> Result<String> {
        command.sandbox(&self.daemon_environment).await
    }

    /// Stops, and waits for what is under way.
    pub async fn shutdown(self) {
        self.stop.disarm().cancel();
        self.tracker.close();
        self.tracker.wait().await;
        if let Some(github) = self.github {
            github.shutdown().await;
        }
        self.endpoints.shutdown().await;
    }
}
