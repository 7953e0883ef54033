//! Taking jobs from the queue and seeing each to its end.

mod attempt;
mod finish;
mod so_far;
mod take;

use std::{ffi::OsString, path::PathBuf, sync::Arc, time::Duration};

use contract::JobMessage;
use domain::{DaemonId, SharedClock, SharedRandom};
use egress::{HttpClient, WorkerClient};
use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use queues::Queue;
use secrecy::SecretString;
use tokio::time::sleep;
use url::Url;

use crate::{
    Harness, History, Hosts, Model, Sandbox, Scan, health::beat, unfit::Unfit, work_root::WorkRoot,
};

/// The longest pause between two tries of anything that must be told.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// What an agent may use up.
#[derive(Clone, Copy, Debug)]
pub struct AgentLimits {
    /// How long it may run; the job's deadline may come earlier.
    pub wall: Duration,
    /// How long it may be silent while neither a tool nor the model is at work, if that matters.
    pub idle: Option<Duration>,
    /// How long a call to its model may go without a sign.
    pub model_idle: Duration,
    /// How many bytes it may write to standard output and standard error together.
    pub output_bytes: u64,
}

/// How a daemon works.
#[derive(Clone, Debug)]
pub struct DaemonConfig {
    /// Its own name, different for every process.
    pub id: DaemonId,
    /// The folder in which it makes its own; several daemons may share it.
    pub work_dir: PathBuf,
    /// The provider's REST API.
    pub github_api: Url,
    /// The provider's address for clones.
    pub github_git: Url,
    /// How much history an agent gets to see.
    pub history: History,
    /// Where git, agents and what they call are looked for.
    pub path: OsString,
    /// The program and arguments that check a change, if the operator wants that.
    pub check: Option<Vec<String>>,
    /// What an agent and the checks may use up, each.
    pub agent: AgentLimits,
    /// Where the ends of agents' outputs are kept. Agents of later jobs may read there.
    pub agent_logs: Option<PathBuf>,
    /// What jobs may reach where their network is their own.
    pub hosts: Hosts,
    /// How long one receiving waits for a message.
    pub wait: Duration,
    /// The first pause before something is tried again.
    pub pause: Duration,
    /// How long a job may go on once the daemon is asked to end.
    pub drain: Duration,
}

/// A daemon with everything it works with. It does one job at a time: what an agent leaves behind can
/// then be told from everything else. For more at once, run more processes.
#[derive(Debug)]
pub struct Daemon {
    /// How it works.
    pub config: DaemonConfig,
    /// Where jobs come from.
    pub jobs: Queue<JobMessage>,
    /// The platform.
    pub worker: WorkerClient,
    /// The way to the provider.
    pub http: HttpClient,
    /// The agent program.
    pub harness: Arc<dyn Harness>,
    /// The way to its model, if the operator has set one.
    pub model: Option<Model>,
    /// The model that looks over what agents wrote, if the operator wants that.
    pub scan: Option<Scan>,
    /// The time.
    pub clock: SharedClock,
    /// Randomness for names and boundaries.
    pub random: SharedRandom,
    /// The boundary around jobs.
    pub sandbox: Sandbox,
    /// What must never appear in a change, beyond what is known to look like a credential.
    pub secrets: Vec<SecretString>,
}

type Shutdown = Shared<BoxFuture<'static, ()>>;

/// Takes jobs until `shutdown` completes; then a job at hand may still end within the drain time, and is
/// given back otherwise. Fails as soon as this daemon is not fit for any job: the one at hand is given back, and
/// whoever started this one starts another.
pub async fn run(
    daemon: Daemon,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Unfit> {
    let work_root = WorkRoot::take(&daemon.config.work_dir, &*daemon.random).await?;
    daemon.sandbox.clear_users().await?;
    let _beating = Aborting(tokio::spawn(beat(daemon.config.work_dir.clone())));
    let shutdown = shutdown.boxed().shared();
    tracing::info!(
        daemon.id = %daemon.config.id,
        harness = daemon.harness.name(),
        sandbox = %daemon.sandbox.level(),
        "the daemon takes jobs"
    );
    let mut pause = daemon.config.pause;
    loop {
        let received = tokio::select! {
            biased;
            () = shutdown.clone() => break,
            received = daemon.jobs.receive(daemon.config.wait, 1) => received,
        };
        match received {
            Ok(messages) => {
                pause = daemon.config.pause;
                for message in messages {
                    daemon.take(message, &work_root, &shutdown).await?;
                }
            }
            Err(error) => {
                tracing::error!(%error, "the jobs queue cannot be read");
                tokio::select! {
                    () = shutdown.clone() => break,
                    () = sleep(pause) => pause = (pause * 2).min(LONGEST_PAUSE),
                }
            }
        }
    }
    tracing::info!(daemon.id = %daemon.config.id, "the daemon ends");
    Ok(())
}

/// A task that does not outlive its owner.
struct Aborting(tokio::task::JoinHandle<()>);

impl Drop for Aborting {
    fn drop(&mut self) {
        self.0.abort();
    }
}
