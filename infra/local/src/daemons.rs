//! Daemons as processes of their own, as on Fargate.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs::{self, File},
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::{Context, Result};
use tokio::process::{Child, ChildStdin, Command};

/// How to start a daemon.
#[derive(Clone, Debug)]
pub struct DaemonCommand {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// Settings beside those of the template, such as which agent to run.
    pub settings: BTreeMap<String, String>,
}

/// A daemon at work. It is killed when this is dropped.
#[derive(Debug)]
pub struct Daemon {
    child: Child,
    /// The daemon's standard input ends with this process, however that dies: see `daemon --with-parent`.
    _tie: Option<ChildStdin>,
}

impl Daemon {
    /// Starts a daemon with exactly `environment`, writing its log beside the state.
    pub(crate) fn start(
        command: &DaemonCommand,
        environment: &BTreeMap<String, String>,
        log: &Path,
    ) -> Result<Self> {
        if let Some(folder) = log.parent() {
            fs::create_dir_all(folder)?;
        }
        let log = File::options().create(true).append(true).open(log)?;
        let mut child = Command::new(&command.program)
            .args(&command.arguments)
            .env_clear()
            .envs(environment)
            .envs(&command.settings)
            .stdin(Stdio::piped())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .process_group(0)
            .spawn()
            .with_context(|| format!("starting {}", command.program.display()))?;
        let tie = child.stdin.take();
        Ok(Self { child, _tie: tie })
    }

    /// Its process id, while it runs.
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Kills it as the machine's end would: at once, without a word.
    pub async fn kill(&mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }

    /// Waits for its end.
    pub async fn wait(&mut self) -> Result<std::process::ExitStatus> {
        Ok(self.child.wait().await?)
    }
}
