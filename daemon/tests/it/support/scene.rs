//! A daemon between a platform and a provider, with an agent as a test wants it.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::Duration,
};

use aws_credential_types::Credentials;
use aws_sdk_sqs::config::{BehaviorVersion, Region};
use contract::worker::{FinishRequest, JobPayload};
use domain::{
    DefinitionName, Deliverable, Failure, FailureKind, ItemKind, ItemNumber, JobId, ManualClock,
    MessageId, Outcome, PullRequest, Repository, RepositoryId, RunId, SystemRandom, TraceId,
};
use egress::{HttpClient, HttpSettings, WorkerClient};
use jiff::Timestamp;
use queues::Queue;
use serde_json::json;
use switchyard_daemon::{
    AgentLimits, CommandHarness, Daemon, DaemonConfig, Harness, History, Hosts, JobLimits, Model,
    Reaper, Sandbox, Scan, Unfit, run,
};
use tokio::{sync::oneshot, task::JoinHandle, time::timeout};

use super::{
    Hub, Platform,
    platform::{DAEMON_KEY, JOB_TOKEN},
};

const PATIENCE: Duration = Duration::from_mins(1);
/// The branch of the one run.
pub(crate) const BRANCH: &str = "switchyard/issue-7";

/// The number of the comment that asked.
pub(crate) const ASKED: u64 = 71;
/// When it was written.
const ASKED_AT: &str = "2026-11-27T20:06:00Z";

/// What a scene starts with.
pub(crate) struct Setup {
    /// What is asked for.
    pub(crate) name: DefinitionName,
    /// Issue or pull request 7.
    pub(crate) kind: ItemKind,
    /// The agent as a shell script.
    pub(crate) agent: String,
    /// Another harness in its place.
    pub(crate) harness: Option<Arc<dyn Harness>>,
    /// The way to the model.
    pub(crate) model: Option<Model>,
    /// The model that looks over what the agent wrote.
    pub(crate) scan: Option<Scan>,
    /// The repository's files.
    pub(crate) files: Vec<(&'static str, &'static str)>,
    /// What the agent may use up.
    pub(crate) limits: AgentLimits,
    /// What a job may use up.
    pub(crate) job_limits: JobLimits,
    /// The check command.
    pub(crate) check: Option<Vec<String>>,
    /// The first pause before something is tried again.
    pub(crate) pause: Duration,
    /// How long a job may go on once the daemon is asked to end.
    pub(crate) drain: Duration,
    /// When the work must be done.
    pub(crate) deadline: Timestamp,
    /// A folder that comes first in the path.
    pub(crate) path: Option<PathBuf>,
    /// How much history is cloned.
    pub(crate) history: History,
    /// Another address for clones.
    pub(crate) git_address: Option<String>,
    /// What the daemon knows as its own secrets.
    pub(crate) secrets: Vec<secrecy::SecretString>,
}

impl Setup {
    /// `name` on issue 7 with `agent`.
    pub(crate) fn new(name: DefinitionName, agent: &str) -> Self {
        Self {
            name,
            kind: ItemKind::Issue,
            agent: agent.to_owned(),
            harness: None,
            model: None,
            scan: None,
            files: vec![("greeting.txt", "goodbye\n"), ("README.md", "Widgets.\n")],
            limits: AgentLimits {
                wall: Duration::from_secs(50),
                idle: None,
                model_idle: Duration::from_secs(50),
                output_bytes: 8 * 1024 * 1024,
            },
            job_limits: JobLimits {
                processes: 4096,
                open_files: 4096,
                disk_bytes: 1 << 30,
                files: 100_000,
            },
            check: None,
            pause: Duration::from_millis(5),
            drain: Duration::from_secs(50),
            deadline: Timestamp::MAX,
            path: None,
            history: History::Newest(std::num::NonZeroU32::MIN),
            git_address: None,
            secrets: Vec::new(),
        }
    }
}

/// A daemon at work.
pub(crate) struct Scene {
    /// The platform.
    pub(crate) platform: Platform,
    /// The provider.
    pub(crate) hub: Hub,
    /// Where everything lies; the agent finds it as `SCENE`.
    pub(crate) folder: tempfile::TempDir,
    /// The daemon's clock.
    pub(crate) clock: Arc<ManualClock>,
    /// The daemon's folder.
    pub(crate) work_dir: PathBuf,
    shutdown: Option<oneshot::Sender<()>>,
    daemon: Option<JoinHandle<Result<(), Unfit>>>,
}

impl Scene {
    /// Prepares platform and provider with the one job, but starts no daemon.
    pub(crate) async fn prepare(setup: &Setup) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let hub = Hub::start(&folder.path().join("hub"), &setup.files).await;
        let platform = Platform::start(&hub).await;
        let random = SystemRandom;
        let payload = payload(setup);
        let job = JobId::mint(Timestamp::UNIX_EPOCH, &random);
        let message = json!({"version": 1, "job": job, "trace": payload.trace, "token": JOB_TOKEN});
        platform.change(|state| {
            state.payload = Some(payload);
            state.messages.push_back(message.to_string());
        });
        let agent = format!("SCENE='{}'\n{}", folder.path().display(), setup.agent);
        std::fs::write(folder.path().join("agent.sh"), agent).unwrap();
        let work_dir = folder.path().join("daemons");
        Self {
            platform,
            hub,
            folder,
            clock: Arc::default(),
            work_dir,
            shutdown: None,
            daemon: None,
        }
    }

    /// Starts a daemon on the one job.
    pub(crate) async fn start(setup: Setup) -> Self {
        let mut scene = Self::prepare(&setup).await;
        scene.run(setup);
        scene
    }

    /// Starts the daemon of a prepared scene.
    pub(crate) fn run(&mut self, setup: Setup) {
        let (ask, asked) = oneshot::channel();
        let daemon = self.daemon(setup);
        self.shutdown = Some(ask);
        self.daemon = Some(tokio::spawn(run(daemon, async {
            asked.await.ok();
        })));
    }

    /// The command that runs the agent.
    pub(crate) fn agent(&self) -> Vec<String> {
        vec![
            "/bin/sh".to_owned(),
            self.folder.path().join("agent.sh").display().to_string(),
        ]
    }

    fn daemon(&self, setup: Setup) -> Daemon {
        let address: url::Url = self.platform.address.parse().unwrap();
        let hub: url::Url = self.hub.address.parse().unwrap();
        let http = HttpClient::new(&HttpSettings::new(vec![address.clone(), hub.clone()])).unwrap();
        let path = path(setup.path.as_deref());
        let harness = setup
            .harness
            .unwrap_or_else(|| Arc::new(CommandHarness::new(self.agent(), path.clone().into())));
        Daemon {
            jobs: Queue::new(
                sqs(&self.platform.address),
                format!("{address}000000000000/jobs"),
            ),
            worker: WorkerClient::new(http.clone(), address, DAEMON_KEY.into()),
            http,
            harness,
            model: setup.model,
            scan: setup.scan,
            clock: self.clock.clone(),
            random: Arc::new(SystemRandom),
            sandbox: free(setup.job_limits),
            secrets: setup.secrets,
            config: DaemonConfig {
                id: "daemon-test".parse().unwrap(),
                work_dir: self.work_dir.clone(),
                github_api: hub.clone(),
                github_git: setup
                    .git_address
                    .map_or(hub, |address| address.parse().unwrap()),
                history: setup.history,
                path: path.into(),
                check: setup.check,
                agent: setup.limits,
                agent_logs: None,
                hosts: Hosts::Public,
                wait: Duration::from_secs(1),
                pause: setup.pause,
                drain: setup.drain,
            },
        }
    }

    /// Waits for the end of the job and for its message to be deleted, and checks that nothing is left.
    pub(crate) async fn finished(&self) -> FinishRequest {
        wait(
            self.platform
                .until(|state| state.finished.is_some() && state.deleted > 0),
        )
        .await;
        self.assert_clean();
        self.platform.look(|state| state.finished.clone().unwrap())
    }

    /// Waits for the end and takes it apart as a failure.
    pub(crate) async fn failure(&self) -> FailureKind {
        self.whole_failure().await.kind()
    }

    /// The same with everything that the failure tells.
    pub(crate) async fn whole_failure(&self) -> Failure {
        match self.finished().await.outcome {
            Outcome::Failed { failure } => failure,
            other => panic!("{other:?} is no failure"),
        }
    }

    /// Waits for the end and takes it apart as a pull request, with what is missing from it.
    pub(crate) async fn pull(&self) -> (PullRequest, Option<Failure>) {
        match self.finished().await.outcome {
            Outcome::Succeeded {
                deliverable: Deliverable::PullRequest(pull),
            } => (pull, None),
            Outcome::Incomplete {
                deliverable: Deliverable::PullRequest(pull),
                failure,
            } => (pull, Some(failure)),
            other => panic!("{other:?} is no pull request"),
        }
    }

    /// Asks the daemon to end.
    pub(crate) fn ask_to_end(&mut self) {
        self.shutdown.take().unwrap().send(()).unwrap();
    }

    /// Waits for the daemon to end.
    pub(crate) async fn ended(&mut self) {
        self.verdict().await.unwrap();
    }

    /// Waits for the daemon to end, and gives back whether it is fit for jobs.
    pub(crate) async fn verdict(&mut self) -> Result<(), Unfit> {
        wait(self.daemon.as_mut().unwrap()).await.unwrap()
    }

    /// Whether no job has a folder any more.
    pub(crate) fn assert_clean(&self) {
        let daemons = std::fs::read_dir(&self.work_dir).unwrap().flatten();
        for daemon in daemons.filter(|entry| entry.path().is_dir()) {
            let left = std::fs::read_dir(daemon.path()).unwrap().flatten();
            let left: Vec<_> = left
                .map(|entry| entry.file_name())
                .filter(|name| name != "lock")
                .collect();
            assert!(left.is_empty(), "{left:?} is left");
        }
    }

    /// A file that the agent wrote beside the scene.
    pub(crate) fn told(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).unwrap()
    }

    /// Waits for a progress event with this text.
    pub(crate) async fn heard(&self, text: &str) {
        wait(
            self.platform
                .until(|state| state.events.iter().any(|event| event.text == text)),
        )
        .await;
    }

    /// Asks the daemon to end and waits for it: whatever it was doing is over then.
    pub(crate) async fn end(&mut self) {
        self.ask_to_end();
        self.ended().await;
    }
}

/// Whether the process whose number is in `text` runs.
pub(crate) fn runs(text: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", text.trim()));
    stat.is_ok_and(|stat| !stat.rsplit(") ").next().unwrap().starts_with(['Z', 'X']))
}

/// Waits for `what`, but not for ever.
pub(crate) async fn wait<T>(what: impl Future<Output = T>) -> T {
    timeout(PATIENCE, what).await.expect("it happens in time")
}

/// Runs git as a test does, and gives back what it says.
pub(crate) fn git(folder: &Path, arguments: &[&str]) -> String {
    program("git", folder, arguments)
}

/// Runs a script as a test does, and gives back what it says.
pub(crate) fn shell(folder: &Path, script: &str) -> String {
    program("sh", folder, &["-e", "-c", script])
}

fn program(name: &str, folder: &Path, arguments: &[&str]) -> String {
    let out = Command::new(name)
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_AUTHOR_NAME", "ada")
        .env("GIT_AUTHOR_EMAIL", "ada@example.com")
        .env("GIT_COMMITTER_NAME", "ada")
        .env("GIT_COMMITTER_EMAIL", "ada@example.com")
        .output()
        .unwrap();
    assert!(
        out.status.success(),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&out.stderr)
    );
    String::from_utf8_lossy(&out.stdout).into_owned()
}

/// The levels of the sandbox that no test may leave out, as words.
#[cfg(target_os = "linux")]
#[expect(
    clippy::disallowed_methods,
    reason = "whoever starts the tests knows what the machine can do"
)]
pub(super) fn demanded_levels() -> String {
    std::env::var("SWITCHYARD_TEST_LEVELS").unwrap_or_default()
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test needs the machine's own programs"
)]
fn path(first: Option<&Path>) -> String {
    let machine = std::env::var("PATH").unwrap();
    first.map_or_else(
        || machine.clone(),
        |first| format!("{}:{machine}", first.display()),
    )
}

/// No boundary at all: what agents of these tests tell lies anywhere on this machine.
fn free(limits: JobLimits) -> Sandbox {
    let program = env!("CARGO_BIN_EXE_switchyard-daemon").into();
    Sandbox::none(program, limits, Reaper::shared_process())
}

fn sqs(address: &str) -> aws_sdk_sqs::Client {
    let config = aws_sdk_sqs::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .endpoint_url(address)
        .credentials_provider(Credentials::for_tests())
        .http_client(aws_smithy_http_client::Builder::new().build_http());
    aws_sdk_sqs::Client::from_conf(config.build())
}

fn payload(setup: &Setup) -> JobPayload {
    let definition = engine::built_in().newest(setup.name).unwrap();
    let random = SystemRandom;
    JobPayload {
        run: RunId::mint(Timestamp::UNIX_EPOCH, &random),
        definition: setup.name,
        task: definition.task().into(),
        repository: Repository {
            id: RepositoryId::from(1),
            owner: "octo".parse().unwrap(),
            name: "widgets".parse().unwrap(),
        },
        number: ItemNumber(7),
        kind: setup.kind,
        requester: "ada".parse().unwrap(),
        title: "Greeting is wrong".to_owned(),
        body: "It says goodbye.".to_owned(),
        request: Some("bot:implement".to_owned()),
        comment: Some(MessageId::from(ASKED)),
        asked: ASKED_AT.parse().ok(),
        revision: None,
        branch: BRANCH.to_owned(),
        bot: "switchyard[bot]".parse().unwrap(),
        deadline: setup.deadline,
        trace: TraceId::mint(&random),
    }
}
