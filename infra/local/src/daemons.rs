//! Daemons as processes of their own, as on Fargate.

mod keeper;
mod last_words;

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs::File,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    process::{Child, ChildStdin, Command},
    time::timeout,
};

pub(crate) use keeper::{DaemonEvent, Keeper};
use last_words::LastWords;

use crate::private;

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

impl DaemonCommand {
    /// The sandbox that such a daemon would use, found by really trying it in a process of its own. Fails with the
    /// reason and what to do if it would use none and may not.
    pub(crate) async fn sandbox(&self, environment: &BTreeMap<String, String>) -> Result<String> {
        let tried = Command::new(&self.program)
            .arg("boundary")
            .env_clear()
            .envs(environment)
            .envs(&self.settings)
            .stdin(Stdio::null())
            .output()
            .await
            .with_context(|| format!("starting {}", self.program.display()))?;
        let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        if !tried.status.success() {
            bail!(
                "{}",
                said(&tried.stderr).trim_start_matches("switchyard-local: ")
            );
        }
        Ok(said(&tried.stdout))
    }
}

/// A daemon at work. It is killed when this is dropped.
#[derive(Debug)]
pub struct Daemon {
    child: Child,
    /// The daemon's standard input ends with this process, however that dies: see `daemon --with-parent`.
    _tie: Option<ChildStdin>,
    last_words: LastWords,
}

impl Daemon {
    /// Starts a daemon with exactly `environment`, writing its log beside the state.
    pub(crate) fn start(
        command: &DaemonCommand,
        environment: &BTreeMap<String, String>,
        log: &Path,
    ) -> Result<Self> {
        if let Some(folder) = log.parent() {
            private::folder(folder)?;
        }
        let file: File = private::log(log)?;
        let last_words = LastWords::from_here(log, &file)?;
        let mut child = Command::new(&command.program)
            .args(&command.arguments)
            .env_clear()
            .envs(environment)
            .envs(&command.settings)
            .stdin(Stdio::piped())
            .stdout(file.try_clone()?)
            .stderr(file)
            .kill_on_drop(true)
            .process_group(0)
            .spawn()
            .with_context(|| format!("starting {}", command.program.display()))?;
        let tie = child.stdin.take();
        Ok(Self {
            child,
            _tie: tie,
            last_words,
        })
    }

    /// Its process id, while it runs.
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Kills it as the machine's end would: at once, without a word.
    pub async fn kill(&mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }

    /// Asks it to end, as a deployment does, and kills it if it has not within `patience`. Gives how it ended.
    pub async fn end(&mut self, patience: Duration) -> Result<ExitStatus> {
        if let Some(pid) = self.pid() {
            // Nobody else waits for it, so the number is still its own.
            kill_process(pid, Signal::TERM)?;
        }
        match timeout(patience, self.child.wait()).await {
            Ok(status) => Ok(status?),
            Err(_late) => {
                tracing::warn!("the daemon did not end in time and is killed");
                self.child.kill().await?;
                Ok(self.child.wait().await?)
            }
        }
    }

    /// Waits for its end.
    pub async fn wait(&mut self) -> Result<ExitStatus> {
        Ok(self.child.wait().await?)
    }

    /// What it complained of, one sentence or more, if it did.
    pub(crate) fn complaint(&self) -> Option<String> {
        self.last_words.complaint()
    }

    fn pid(&self) -> Option<Pid> {
        Pid::from_raw(i32::try_from(self.id()?).ok()?)
    }
}
