//! Daemons as processes of their own, with the role that the stack gives them.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use anyhow::Result;
use aws_credential_types::Credentials;
use rustix::process::Signal;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::process::Command;

use crate::{
    emulator::{REGION, absolute},
    group::Group,
};

/// What every daemon is started with.
#[derive(Clone, Debug)]
pub(crate) struct Workers {
    program: PathBuf,
    environment: BTreeMap<String, String>,
    log: PathBuf,
}

/// The addresses that a daemon needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Addresses<'a> {
    pub(crate) aws: &'a str,
    /// The file of the authority that AWS's certificate is signed by.
    pub(crate) authority: &'a str,
    pub(crate) worker: &'a str,
    /// What daemons prove themselves with there.
    pub(crate) key: &'a SecretString,
    pub(crate) jobs: &'a str,
    pub(crate) github_api: &'a str,
    pub(crate) github_git: &'a str,
}

impl Workers {
    /// Daemons that call AWS with `credentials`.
    pub(crate) fn new(
        program: &Path,
        addresses: Addresses<'_>,
        credentials: &Credentials,
        state: &Path,
    ) -> Result<Self> {
        let work = state.join("work").display().to_string();
        let token = credentials.session_token().unwrap_or_default();
        let environment = [
            ("PATH", "/usr/local/bin:/usr/bin:/bin"),
            ("AWS_ENDPOINT_URL", addresses.aws),
            ("AWS_REGION", REGION),
            ("AWS_ACCESS_KEY_ID", credentials.access_key_id()),
            ("AWS_SECRET_ACCESS_KEY", credentials.secret_access_key()),
            ("AWS_SESSION_TOKEN", token),
            ("SSL_CERT_FILE", addresses.authority),
            ("JOBS_QUEUE_URL", addresses.jobs),
            ("SWITCHYARD_WORKER_URL", addresses.worker),
            ("SWITCHYARD_DAEMON_KEY", addresses.key.expose_secret()),
            ("GITHUB_API_URL", addresses.github_api),
            ("GITHUB_GIT_URL", addresses.github_git),
            ("SWITCHYARD_HARNESS", "command"),
            ("SWITCHYARD_WORK_DIR", &work),
            ("SWITCHYARD_SIMULATED", "yes"),
        ];
        let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Ok(Self {
            program: absolute(program, "cargo build -p switchyard-daemon")?,
            environment: environment.into(),
            log: state.join("log").join("daemon.jsonl"),
        })
    }

    /// Starts a daemon with this command as its agent.
    pub(crate) fn start(&self, agent: &[&str]) -> Result<Worker> {
        let mut environment = self.environment.clone();
        let command = serde_json::json!(agent).to_string();
        environment.insert("SWITCHYARD_COMMAND".to_owned(), command);
        let group = Group::start(Command::new(&self.program), &environment, &self.log)?;
        Ok(Worker(group))
    }
}

/// A daemon at work. It is killed when this is dropped.
#[derive(Debug)]
pub(crate) struct Worker(Group);

impl Worker {
    /// Kills it as the machine's end would: at once, without a word.
    pub(crate) async fn kill(&mut self) -> Result<()> {
        self.0.signal(Signal::KILL);
        self.0.wait().await.map(drop)
    }

    /// Asks it to end, as Fargate does, and waits until it has.
    pub(crate) async fn end(&mut self) -> Result<std::process::ExitStatus> {
        self.0.signal(Signal::TERM);
        self.0.wait().await
    }

    /// Waits for an end that nobody asked for.
    pub(crate) async fn wait(&mut self) -> Result<std::process::ExitStatus> {
        self.0.wait().await
    }
}
