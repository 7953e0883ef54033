//! `cargo lambda watch` and `cargo lambda invoke`.

mod address;

use std::{fs, io, net::SocketAddr, path::Path, process::Stdio, time::Duration};

use anyhow::{Context, Result, bail};
use domain::SystemRandom;
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::Value;
use tokio::{
    net::TcpStream,
    process::{Child, Command},
    time::{sleep, timeout},
};

use crate::functions::FunctionName;

pub(crate) use address::{INVOKE_ADDRESS, free_address};

/// Without it every site in a browser of this machine may invoke the functions and read what they answer.
const NO_OTHER_SITE: &str = "--disable-cors";
/// How long it may take to listen; it builds nothing before.
const START: Duration = Duration::from_secs(30);
/// How often it is looked whether it does.
const LOOK: Duration = Duration::from_millis(50);
/// How long it may take to end.
const END: Duration = Duration::from_secs(5);

/// `cargo lambda watch`. It is killed when this is dropped; cargo and functions, which it starts in groups of their own, end
/// with it only when it is ended.
#[derive(Debug)]
pub(crate) struct Watch {
    child: Child,
    leader: Option<Pid>,
    address: SocketAddr,
}

impl Watch {
    /// Starts it on a free address, for functions with the settings in a file. What it builds and what functions log goes to
    /// the standard error of this process.
    pub(crate) async fn start(cargo: &str, settings: &Path) -> Result<Self> {
        let address = free_address(&SystemRandom).await?;
        let child = Command::new(cargo)
            .args(["lambda", "watch", "--ignore-changes", NO_OTHER_SITE])
            .args(["--invoke-address", &address.ip().to_string()])
            .args(["--invoke-port", &address.port().to_string()])
            .arg("--env-file")
            .arg(settings)
            .stdin(Stdio::null())
            .stdout(io::stderr())
            .kill_on_drop(true)
            .process_group(0)
            .spawn()
            .context("starting cargo lambda watch")?;
        let leader = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        let mut watch = Self {
            child,
            leader,
            address,
        };
        let listening = timeout(START, watch.listening()).await;
        listening.context("cargo lambda watch does not listen")??;
        Ok(watch)
    }

    /// Where functions are invoked.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until it listens, or has ended.
    async fn listening(&mut self) -> Result<()> {
        loop {
            if let Some(status) = self.child.try_wait()? {
                bail!("cargo lambda watch has ended ({status}): is cargo-lambda installed?");
            }
            if listens(self.address).await {
                return Ok(());
            }
            sleep(LOOK).await;
        }
    }

    /// Lets it end what it has started and then itself, and waits for that.
    pub(crate) async fn end(mut self) {
        self.signal(Signal::TERM);
        if timeout(END, self.child.wait()).await.is_err() {
            tracing::warn!("cargo lambda watch did not end in time and is killed");
        }
    }

    fn signal(&self, signal: Signal) {
        if let Some(leader) = self.leader {
            // A group without anybody in it is what is wanted.
            kill_process_group(leader, signal).ok();
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}

/// Hands an event to a function under a `cargo lambda watch`, and gives its answer. The event goes by way of a file in
/// `folder`, because everybody may read a command line.
pub(crate) async fn invoke(
    cargo: &str,
    at: SocketAddr,
    function: FunctionName,
    event: &Value,
    folder: &Path,
) -> Result<Value> {
    let file = folder.join("event.json");
    fs::write(&file, event.to_string())?;
    let invoked = Command::new(cargo)
        .args(["lambda", "invoke", function.as_str()])
        .args(["--invoke-address", &at.ip().to_string()])
        .args(["--invoke-port", &at.port().to_string()])
        .args(["--output-format", "json", "--data-file"])
        .arg(&file)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .context("starting cargo lambda invoke")?;
    if !invoked.status.success() {
        let said = String::from_utf8_lossy(&invoked.stderr);
        bail!("the function `{function}` failed: {}", said.trim());
    }
    serde_json::from_slice(&invoked.stdout).with_context(|| format!("the answer of `{function}`"))
}

/// Whether somebody listens there.
pub(crate) async fn listens(at: SocketAddr) -> bool {
    TcpStream::connect(at).await.is_ok()
}
