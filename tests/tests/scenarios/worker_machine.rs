//! The local stack as a process that can be killed, beside a GitHub that lives on.

use std::{
    fs::{self, File},
    net::{SocketAddr, TcpListener},
    path::Path,
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use domain::{Clock, ManualClock};
use jiff::SignedDuration;
use local::{Daemon, DaemonCommand, GitHubAt, Schedule, Stack, StackConfig};
use serde_json::json;
use simgithub::{AppRegistration, Comment, DEMONSTRATION_KEY_PEM, Fault, FaultRule, SimGitHub};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::{
    support::{ADA, LOOK_AGAIN, PATIENCE, PROGRAM, REPOSITORY, furnish},
    worker_support::{FOR_EVER, until},
};

/// What webhooks to the machine are signed with.
pub(crate) const WEBHOOK_SECRET: &str = "the-secret-that-signs-webhooks-0123456789";
const APP_ID: u64 = 77;
const PATH: &str = "/usr/local/bin:/usr/bin:/bin";
/// Longer than anything received stays out of sight, and longer than a lease.
const OUTAGE: SignedDuration = SignedDuration::from_mins(20);

/// A machine with the state of a local stack, and a GitHub elsewhere.
pub(crate) struct Machine {
    pub(crate) github: SimGitHub,
    pub(crate) issue: u64,
    clock: Arc<ManualClock>,
    state: TempDir,
    work: TempDir,
    listen: SocketAddr,
    aws: SocketAddr,
    _github_state: TempDir,
}

impl Machine {
    pub(crate) async fn new() -> Self {
        let (state, github_state) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        let work = TempDir::new().unwrap();
        let clock = Arc::new(ManualClock::default());
        let [listen, aws] = free_addresses();
        let key = DEMONSTRATION_KEY_PEM;
        let app = AppRegistration::new(APP_ID, "Iv1.m", "switchyard", key, WEBHOOK_SECRET.into());
        let time = Arc::clone(&clock);
        let config = simgithub::Config::new(
            SocketAddr::from(([127, 0, 0, 1], 0)),
            github_state.path().to_owned(),
            Arc::new(move || time.now()),
            app,
        );
        let github = SimGitHub::start(config).await.unwrap();
        let hook = format!("http://{listen}/webhooks/github");
        github.set_webhook_url(Some(hook.parse().unwrap()));
        let (_, issue) = furnish(&github).await;
        Self {
            github,
            issue,
            clock,
            state,
            work,
            listen,
            aws,
            _github_state: github_state,
        }
    }

    pub(crate) fn state(&self) -> &Path {
        self.state.path()
    }

    /// Where daemons have the folders of jobs.
    pub(crate) fn work(&self) -> &Path {
        self.work.path()
    }

    /// Starts the stack as a process whose daemon runs `script` as its agent; without one it has no daemon.
    pub(crate) async fn up(&self, script: Option<&str>) -> Child {
        self.up_with(script, &[]).await
    }

    /// The same, with further settings.
    pub(crate) async fn up_with(&self, script: Option<&str>, settings: &[(&str, &str)]) -> Child {
        let errors = File::options()
            .create(true)
            .append(true)
            .open(self.state().join("errors"))
            .unwrap();
        let mut command = Command::new(PROGRAM);
        command
            .args(["up", "--state"])
            .arg(self.state())
            .args(["--listen", &self.listen.to_string()])
            .args(["--api", "127.0.0.1:0"])
            .args(["--aws", &self.aws.to_string()])
            .args(["--github", self.github.api_url().as_str()])
            .env_clear()
            .env("PATH", PATH)
            .env("GITHUB_APP_ID", APP_ID.to_string())
            .env("GITHUB_APP_PRIVATE_KEY", DEMONSTRATION_KEY_PEM)
            .env("GITHUB_WEBHOOK_SECRET", WEBHOOK_SECRET)
            .env("SWITCHYARD_HARNESS", "command")
            .env("SWITCHYARD_SANDBOX", "none")
            .env("SWITCHYARD_WORK_DIR", self.work())
            .envs(script.map(|script| ("SWITCHYARD_COMMAND", agent(script))))
            .envs(settings.iter().copied())
            .args(script.is_none().then_some("--without-daemon"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(errors)
            .kill_on_drop(true);
        let mut up = command.spawn().unwrap();
        listens(&mut up, self.listen).await;
        up
    }

    /// The same stack out of the same state after an outage, within this process, and with GitHub well again.
    pub(crate) async fn up_again(&self) -> Stack {
        self.github.faults().clear();
        self.clock.advance(OUTAGE);
        let mut config = StackConfig::new(self.state().to_owned());
        (config.listen, config.aws) = (self.listen, self.aws);
        config.api.set_port(0);
        config.schedule = Schedule::ByHand;
        config.clock = Arc::clone(&self.clock) as domain::SharedClock;
        // Daemons know the machine's own clock only.
        let far = ("SWITCHYARD_CLOCK_SECONDS".to_owned(), "86400".to_owned());
        config.settings.extend([far]);
        config.github = GitHubAt::Real {
            api: self.github.api_url().clone(),
            git: self.github.git_url().clone(),
            app_id: APP_ID.to_string(),
            private_key: DEMONSTRATION_KEY_PEM.into(),
            webhook_secret: WEBHOOK_SECRET.into(),
        };
        Stack::start(config).await.unwrap()
    }

    /// Starts a daemon of `stack` that runs `script` as its agent.
    pub(crate) fn daemon(stack: &Stack, script: &str) -> Daemon {
        let settings = [
            ("SWITCHYARD_HARNESS".to_owned(), "command".to_owned()),
            ("SWITCHYARD_COMMAND".to_owned(), agent(script)),
            ("SWITCHYARD_SANDBOX".to_owned(), "none".to_owned()),
        ];
        let command = DaemonCommand {
            program: PROGRAM.into(),
            arguments: vec!["daemon".into(), "--with-parent".into()],
            settings: settings.into(),
        };
        stack.start_daemon(&command).unwrap()
    }

    /// Asks for work, and waits until GitHub has been told that the request is taken.
    pub(crate) async fn ask(&self) {
        self.github
            .comment(REPOSITORY, self.issue, ADA, "bot:implement")
            .await
            .unwrap();
        let accepted = || async {
            let all = self.github.deliveries().await?;
            let wanted = |one: &simgithub::Delivery| {
                one.event == "issue_comment" && one.status_code == Some(202)
            };
            Ok(all.into_iter().find(wanted))
        };
        self.github.wait_for(PATIENCE, accepted).await.unwrap();
    }

    /// From now on GitHub answers no such request.
    pub(crate) fn hang(&self, method: &str, path: &str) {
        let rule = FaultRule::new(path, u32::MAX, Fault::Slow(FOR_EVER)).method(method);
        self.github.faults().add(rule);
    }

    /// Waits until a request hangs.
    pub(crate) async fn hangs(&self) {
        let struck = |rule: &FaultRule| rule.times < u32::MAX;
        until("a request hangs", || {
            self.github.faults().pending().iter().any(struck)
        })
        .await;
    }

    /// Waits for a comment of the bot that contains `text`; there never is a second comment.
    pub(crate) async fn bot_says(&self, text: &str) -> Comment {
        let look = || async {
            let mut comments = self.github.comments(REPOSITORY, self.issue).await?;
            comments.retain(|comment| comment.via_app);
            assert!(comments.len() < 2, "{comments:#?}");
            Ok(comments.pop().filter(|comment| comment.body.contains(text)))
        };
        let found = self.github.wait_for(PATIENCE, look).await;
        found.unwrap_or_else(|error| panic!("{error}: {text:?}, {}", self.file("log/daemon.jsonl")))
    }

    /// Waits for the good end: one comment that says so, and one pull request.
    pub(crate) async fn ends_well(&self) {
        let said = self.bot_says("`implement` succeeded").await.body;
        let pulls = self.github.pulls(REPOSITORY).await.unwrap();
        assert_eq!(pulls.len(), 1, "{pulls:#?}");
        let named = format!("Pull request: #{} ", pulls[0].number);
        assert!(said.contains(&named), "{said}");
        let branches = self.github.branches(REPOSITORY).await.unwrap();
        assert_eq!(branches.len(), 2, "{branches:?}");
    }

    /// A file of the state, empty if there is none.
    pub(crate) fn file(&self, name: &str) -> String {
        fs::read_to_string(self.state().join(name)).unwrap_or_default()
    }
}

/// Kills a process as the end of the machine would.
pub(crate) async fn kill(mut process: Child) {
    process.kill().await.unwrap();
}

/// Waits until a process listens there.
pub(crate) async fn listens(process: &mut Child, address: SocketAddr) {
    let listening = async {
        while tokio::net::TcpStream::connect(address).await.is_err() {
            let ended = process.try_wait().unwrap();
            assert!(ended.is_none(), "it has ended instead: {ended:?}");
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    };
    tokio::time::timeout(PATIENCE, listening).await.unwrap();
}

pub(crate) fn agent(script: &str) -> String {
    json!(["sh", "-c", script]).to_string()
}

/// Where ports begin that no system gives to whoever wants any one, so that nobody else gets them while a stack is down.
const FIRST_PORT: u16 = 10_000;
/// How many of them there are.
const PORTS: u32 = 20_000;

/// Addresses that nobody listens on, nor will.
pub(crate) fn free_addresses<const N: usize>() -> [SocketAddr; N] {
    [(); N].map(|()| free_address())
}

fn free_address() -> SocketAddr {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        // Several processes may be at it, each from another start.
        let nth = NEXT.fetch_add(1, Ordering::Relaxed) + std::process::id() * 97;
        let port = FIRST_PORT + u16::try_from(nth % PORTS).unwrap();
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}
