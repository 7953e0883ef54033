//! A daemon as a process.

use std::{collections::HashMap, path::PathBuf, process::ExitCode, sync::Arc, time::Duration};

use aws_config::{BehaviorVersion, timeout::TimeoutConfig};
use aws_smithy_http_client::{Builder, tls};
use domain::{SharedClock, SystemClock, SystemRandom};
use egress::{HttpClient, HttpSettings, WorkerClient};
use queues::Queue;
use settings::SettingsError;
use tokio::signal::unix::{SignalKind, signal};

use crate::{
    AgentLimits, ClaudeCode, ClaudeCodeSettings, CommandHarness, Daemon, DaemonConfig, Harness,
    Level, Model, NoSandbox, Reaper, Sandbox, SandboxSettings, Scan, run,
    settings::{HarnessSettings, ModelSettings, Settings},
    telemetry::{Flushing, speak},
};

/// How long one receiving waits for a message, the longest there is.
const WAIT: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_secs(2);
const OUTPUT_LIMIT: u64 = 64 * 1024 * 1024;
const CONNECT_LIMIT: Duration = Duration::from_secs(3);
/// How long a connection to the model's provider may take, and one call.
const MODEL_CONNECT_LIMIT: Duration = Duration::from_secs(10);
const MODEL_LIMIT: Duration = Duration::from_hours(1);

/// Runs a daemon in this process, which must be its alone, until SIGTERM or SIGINT. `variables` is the
/// environment; the AWS SDK looks its own up by itself. The exit code is 0 after a request to end, 2 if
/// settings are wrong (each is logged with its name and what to do), 1 if the daemon cannot run, 3 if this machine is not fit
/// for jobs, and 4 if something of a job may still run; after 3 and 4 another daemon is to be started, best on a fresh machine.
///
/// `docs/settings.md` lists the settings.
#[expect(
    clippy::implicit_hasher,
    reason = "a snapshot of the environment is nothing to tune"
)]
pub async fn launch(variables: HashMap<String, String>) -> ExitCode {
    let random = Arc::new(SystemRandom);
    let settings = match Settings::read(&variables, &*random) {
        Ok(settings) => settings,
        Err(error) => {
            speak(tracing::Level::INFO, "", None);
            for wrong in &error.0 {
                tracing::error!(
                    name = wrong.name,
                    reason = wrong.reason,
                    solution = wrong.solution,
                    "a setting is wrong"
                );
            }
            return ExitCode::from(2);
        }
    };
    let telemetry = speak(settings.level, &settings.stage, settings.spans.clone());
    let flushing = Flushing::start(&telemetry);
    let code = compose_and_run(settings, random).await;
    drop(flushing);
    telemetry.flush().await;
    code
}

/// What to do where no sandbox works.
const OTHERWISE: &str = "Let the daemon run as root in a container of its own, or allow user namespaces to its user; \
                         SWITCHYARD_SANDBOX=none runs agents with all rights of the daemon's user.";

/// Why a daemon would not put a boundary around jobs, in words for its operator.
#[derive(Debug, thiserror::Error)]
pub enum NoBoundary {
    /// Some settings cannot be used.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// No sandbox works that the settings allow.
    #[error("there is no boundary around jobs: {0}. {OTHERWISE}")]
    Sandbox(#[from] NoSandbox),
}

/// The boundary that a daemon with these settings would put around jobs, found by really starting a program in it. This
/// process must be its alone, as for [`launch`].
#[expect(
    clippy::implicit_hasher,
    reason = "a snapshot of the environment is nothing to tune"
)]
pub async fn try_boundary(variables: HashMap<String, String>) -> Result<Sandbox, NoBoundary> {
    let random = SystemRandom;
    let settings = Settings::read(&variables, &random)?;
    let (reaper, wanted) = (Reaper::own_process(), boundary(&settings));
    Ok(Sandbox::choose(&wanted, &settings.work_dir, reaper, &random).await?)
}

async fn compose_and_run(settings: Settings, random: Arc<SystemRandom>) -> ExitCode {
    #[cfg(target_os = "linux")]
    crate::descriptors::raise();
    let reaper = Reaper::own_process();
    let sandbox = Sandbox::choose(&boundary(&settings), &settings.work_dir, reaper, &*random).await;
    let sandbox = match sandbox {
        Ok(sandbox) => sandbox,
        Err(none) => {
            let reason = none.to_string();
            tracing::error!(
                reason,
                solution = OTHERWISE,
                "there is no boundary around jobs"
            );
            return ExitCode::FAILURE;
        }
    };
    let level = sandbox.level();
    if level == Level::None {
        tracing::warn!("nothing holds back what agents run: they have all rights of this user");
    }
    let composed = compose(settings, random, sandbox).await;
    match (composed, ends()) {
        (Ok(daemon), Ok(shutdown)) => match run(daemon, shutdown).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(unfit) => {
                tracing::error!(error = %unfit, "the daemon ends, since it cannot go on");
                unfit.exit_code()
            }
        },
        (Err(error), _) => cannot_run(&error),
        (_, Err(error)) => cannot_run(&error),
    }
}

fn cannot_run(error: &dyn std::error::Error) -> ExitCode {
    tracing::error!(%error, "the daemon cannot run");
    ExitCode::FAILURE
}

fn boundary(settings: &Settings) -> SandboxSettings {
    let mut hidden = settings.hidden.clone();
    hidden.extend(settings.agent_logs.clone());
    let mut readable = settings.readable.clone();
    readable.extend(named(settings));
    SandboxSettings {
        choice: settings.sandbox,
        site: settings.site,
        // This very program, even if another lies in its place by now.
        program: "/proc/self/exe".into(),
        path: settings.path.clone().into(),
        readable,
        hidden,
        users: settings.job_users.clone(),
        limits: settings.job_limits,
    }
}

/// The files that the operator's commands name: an agent's script is to be read.
fn named(settings: &Settings) -> Vec<PathBuf> {
    let agent = match &settings.harness {
        HarnessSettings::Command(command) => command.as_slice(),
        HarnessSettings::ClaudeCode { .. } => &[],
    };
    let words = agent.iter().chain(settings.check.iter().flatten());
    words
        .map(PathBuf::from)
        .filter(|path| path.is_absolute() && path.is_file())
        .collect()
}

async fn compose(
    settings: Settings,
    random: Arc<SystemRandom>,
    sandbox: Sandbox,
) -> Result<Daemon, egress::SetupError> {
    let trusted = vec![settings.api.clone(), settings.github_api.clone()];
    let http = HttpClient::new(&HttpSettings::new(trusted))?;
    let clock: SharedClock = Arc::new(SystemClock);
    let model = match settings.model.clone() {
        Some(settings) => Some(model(settings, clock.clone())?),
        None => None,
    };
    let scanning = settings.model.as_ref().and_then(|model| model.scan.clone());
    let scan = model
        .clone()
        .zip(scanning)
        .map(|(way, name)| Scan::new(way, name, Scan::LIMIT));
    let harness = harness(&settings);
    let key = model.iter().map(|model| model.secret().clone());
    let secrets = key.chain([settings.key.clone()]);
    Ok(Daemon {
        jobs: Queue::new(sqs().await, settings.jobs_queue),
        worker: WorkerClient::new(http.clone(), settings.api, settings.key.clone()),
        http,
        harness,
        secrets: secrets.collect(),
        model,
        scan,
        clock,
        random,
        sandbox,
        config: DaemonConfig {
            id: settings.id,
            work_dir: settings.work_dir,
            github_api: settings.github_api,
            github_git: settings.github_git,
            history: settings.history,
            path: settings.path.into(),
            check: settings.check,
            agent: AgentLimits {
                wall: settings.agent,
                idle: settings.idle,
                model_idle: settings.model_idle,
                output_bytes: OUTPUT_LIMIT,
            },
            agent_logs: settings.agent_logs,
            hosts: settings.hosts,
            wait: WAIT,
            pause: PAUSE,
            drain: settings.drain,
        },
    })
}

fn harness(settings: &Settings) -> Arc<dyn Harness> {
    let path = settings.path.clone();
    match settings.harness.clone() {
        HarnessSettings::Command(command) => Arc::new(CommandHarness::new(command, path.into())),
        HarnessSettings::ClaudeCode { turns } => {
            let usual = ClaudeCodeSettings::new(path.as_ref());
            Arc::new(ClaudeCode::new(ClaudeCodeSettings { turns, ..usual }))
        }
    }
}

fn model(settings: ModelSettings, clock: SharedClock) -> Result<Model, egress::SetupError> {
    let http = HttpClient::new(&HttpSettings {
        connect_timeout: MODEL_CONNECT_LIMIT,
        timeout: MODEL_LIMIT,
        proxy: settings.proxy,
        authorities: settings.authorities,
        ..HttpSettings::new(vec![settings.provider.base.clone()])
    })?;
    Ok(Model::new(settings.provider, http, clock))
}

// On Fargate the credentials come from the task's own address, elsewhere from the usual places.
async fn sqs() -> aws_sdk_sqs::Client {
    let provider = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring);
    let config = aws_config::defaults(BehaviorVersion::latest())
        .http_client(Builder::new().tls_provider(provider).build_https())
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(CONNECT_LIMIT)
                .build(),
        )
        .load()
        .await;
    aws_sdk_sqs::Client::new(&config)
}

fn ends() -> std::io::Result<impl Future<Output = ()> + Send + 'static> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("the daemon is asked to end");
    })
}
