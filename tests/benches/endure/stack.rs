//! The local stack as a process group that is killed as the end of a machine would.

use std::{
    fs::File,
    net::{SocketAddr, TcpListener},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process_group};
use simgithub::{DEMONSTRATION_KEY_PEM, SimGitHub};
use tokio::{net::TcpStream, time::sleep};
use url::Url;

use crate::{APP_ID, LOOK_AGAIN, WEBHOOK_SECRET};

const PATH: &str = "/usr/local/bin:/usr/bin:/bin";
/// The agent mends the one file in a moment.
const AGENT: &str =
    r#"["sh", "-c", "echo mended >> a.txt; echo Mend it > \"$SWITCHYARD_OUTPUT/summary.md\""]"#;

/// Where the stack is and what it speaks to.
#[derive(Debug)]
pub(crate) struct Stack {
    state: PathBuf,
    listen: SocketAddr,
    aws: SocketAddr,
    api: Url,
    git: Url,
}

/// The stack at work. It is killed when this is dropped.
#[derive(Debug)]
pub(crate) struct Up(Child);

impl Stack {
    /// A stack beside `github` that keeps its state in `state`.
    pub(crate) fn new(github: &SimGitHub, state: &Path) -> Result<Self> {
        let taken = [
            TcpListener::bind("127.0.0.1:0")?,
            TcpListener::bind("127.0.0.1:0")?,
        ];
        Ok(Self {
            state: state.to_owned(),
            listen: taken[0].local_addr()?,
            aws: taken[1].local_addr()?,
            api: github.api_url().clone(),
            git: github.git_url().clone(),
        })
    }

    /// Where webhooks are sent to.
    pub(crate) fn webhook(&self) -> Result<Url> {
        Ok(format!("http://{}/webhooks/github", self.listen).parse()?)
    }

    /// Starts the stack with a daemon and waits until it listens.
    pub(crate) async fn up(&self) -> Result<Up> {
        let log = self.state.join("terminal");
        let log = File::options().create(true).append(true).open(log)?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_stack"));
        command
            .args(["up", "--state"])
            .arg(&self.state)
            .args(["--listen", &self.listen.to_string()])
            .args(["--api", "127.0.0.1:0"])
            .args(["--aws", &self.aws.to_string()])
            .args(["--github", self.api.as_str()])
            .env_clear()
            .env("PATH", PATH)
            .env("GITHUB_APP_ID", APP_ID.to_string())
            .env("GITHUB_APP_PRIVATE_KEY", DEMONSTRATION_KEY_PEM)
            .env("GITHUB_WEBHOOK_SECRET", WEBHOOK_SECRET)
            .env("GITHUB_GIT_URL", self.git.as_str())
            .env("SWITCHYARD_HARNESS", "command")
            .env("SWITCHYARD_COMMAND", AGENT)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .process_group(0);
        let mut up = Up(command.spawn().context("starting the stack")?);
        while TcpStream::connect(self.listen).await.is_err() {
            anyhow::ensure!(up.0.try_wait()?.is_none(), "the stack has ended instead");
            sleep(LOOK_AGAIN).await;
        }
        Ok(up)
    }
}

impl Up {
    /// Kills the stack; its daemon ends with it.
    pub(crate) fn kill(&mut self) {
        let group = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw);
        if let Some(group) = group {
            // It may have ended by itself.
            let _gone = kill_process_group(group, Signal::KILL);
        }
        let _status = self.0.wait();
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        self.kill();
    }
}
