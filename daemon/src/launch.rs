//! A daemon as a process.

use std::{collections::HashMap, process::ExitCode, sync::Arc, time::Duration};

use aws_config::{BehaviorVersion, timeout::TimeoutConfig};
use aws_smithy_http_client::{Builder, tls};
use domain::{SharedClock, SystemClock, SystemRandom};
use egress::{HttpClient, HttpSettings, WorkerClient};
use queues::Queue;
use tokio::signal::unix::{SignalKind, signal};

use crate::{
    AgentLimits, ClaudeCode, ClaudeCodeSettings, CommandHarness, Daemon, DaemonConfig, Harness,
    Model, Reaper, run,
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
/// settings are wrong (each is logged with its name and what to do), 1 if the daemon cannot run.
///
/// | variable | what it says |
/// |---|---|
/// | `JOBS_QUEUE_URL` | the jobs queue |
/// | `SWITCHYARD_API_URL` | the api function, without `/worker/v1` |
/// | `SWITCHYARD_DAEMON_KEY` | what the daemon proves itself with at the api function |
/// | `GITHUB_API_URL`, `GITHUB_GIT_URL` | the provider's REST API and its address for clones, which follows from the first |
/// | `SWITCHYARD_CLONE_DEPTH` | how many commits an agent gets to see; 500, and 0 for all |
/// | `SWITCHYARD_HARNESS` | `claude-code`, unless it is `command` |
/// | `SWITCHYARD_COMMAND` | the program of `command`, as words or a JSON array; no shell reads it |
/// | `ANTHROPIC_API_KEY`, `ANTHROPIC_AUTH_TOKEN`, `CLAUDE_CODE_OAUTH_TOKEN` | the account with Anthropic or a gateway, one of them |
/// | `ANTHROPIC_BASE_URL` | a gateway that speaks Anthropic's Messages API |
/// | `OPENAI_API_KEY`, `OPENAI_BASE_URL` | the account with OpenAI or a gateway, for `command` |
/// | `CLAUDE_CODE_USE_BEDROCK`, `AWS_BEARER_TOKEN_BEDROCK`, `AWS_REGION`, `ANTHROPIC_BEDROCK_BASE_URL` | the account with Amazon Bedrock |
/// | `ANTHROPIC_MODEL` | the model; the program's own choice |
/// | `HTTPS_PROXY`, `SWITCHYARD_MODEL_CA_FILE` | proxy and further authorities on the way to the model's provider, and nowhere else |
/// | `SWITCHYARD_AGENT_TURNS` | how many turns `claude-code` may take; 200 |
/// | `SWITCHYARD_CHECK_COMMAND` | checks a change in the checkout; a failure leaves a marked draft |
/// | `SWITCHYARD_AGENT_SECONDS` | how long an agent may run; 1800 |
/// | `SWITCHYARD_AGENT_IDLE_SECONDS` | how long agent and model may be silent; 300, for `command` only the model |
/// | `SWITCHYARD_DRAIN_SECONDS` | how long a job may go on after a request to end; 100 |
/// | `SWITCHYARD_WORK_DIR` | where jobs have their folders; a folder in the system's temporary one |
/// | `SWITCHYARD_AGENT_LOGS` | where the ends of agents' outputs are kept; nowhere |
/// | `SWITCHYARD_DAEMON_ID` | the daemon's name; a random one |
/// | `SWITCHYARD_STAGE` | the deployment, for telemetry |
/// | `OTEL_EXPORTER_OTLP_ENDPOINT` | where spans are exported to; nowhere |
/// | `PATH`, `RUST_LOG` | where programs are looked for, and the level of the log |
#[expect(
    clippy::implicit_hasher,
    reason = "a snapshot of the environment is nothing to tune"
)]
pub async fn launch(variables: HashMap<String, String>) -> ExitCode {
    let random = Arc::new(SystemRandom);
    let settings = match Settings::read(&variables, &*random) {
        Ok(settings) => settings,
        Err(error) => {
            speak(tracing::Level::INFO, String::new(), None);
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
    let telemetry = speak(
        settings.level,
        settings.stage.clone(),
        settings.spans.clone(),
    );
    let flushing = Flushing::start(&telemetry);
    let reaper = Reaper::own_process();
    let ended = match compose(settings, random, reaper).await {
        Ok(daemon) => match ends() {
            Ok(shutdown) => run(daemon, shutdown)
                .await
                .map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        },
        Err(error) => Err(error.to_string()),
    };
    let code = match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error, "the daemon cannot run");
            ExitCode::FAILURE
        }
    };
    drop(flushing);
    telemetry.flush().await;
    code
}

async fn compose(
    settings: Settings,
    random: Arc<SystemRandom>,
    reaper: Reaper,
) -> Result<Daemon, egress::SetupError> {
    let trusted = vec![settings.api.clone(), settings.github_api.clone()];
    let http = HttpClient::new(&HttpSettings::new(trusted))?;
    let clock: SharedClock = Arc::new(SystemClock);
    let model = match settings.model.clone() {
        Some(settings) => Some(model(settings, clock.clone())?),
        None => None,
    };
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
        clock,
        random,
        reaper,
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
            Arc::new(ClaudeCode::new(ClaudeCodeSettings {
                turns: turns.unwrap_or(usual.turns),
                ..usual
            }))
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
