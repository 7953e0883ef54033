//! Starting and ending on one machine, as a person at a terminal sees it.

use std::{
    fs,
    net::TcpListener,
    os::unix::{
        fs::{PermissionsExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use rustix::process::{Pid, Signal, geteuid, kill_process};
use simgithub::{AppRegistration, DEMONSTRATION_KEY_PEM, SimGitHub};
use tempfile::TempDir;

use crate::{
    support::{ADA, PROGRAM, World},
    worker_machine::free_addresses,
    worker_support::until,
};

const PATH: &str = "/usr/local/bin:/usr/bin:/bin";
/// A user without any rights, as there is on every system.
const NOBODY: u32 = 65_534;

/// The program with a state of its own and free ports.
struct Terminal {
    command: Command,
    home: TempDir,
}

impl Terminal {
    fn new() -> Self {
        Self::with_program(Path::new(PROGRAM))
    }

    fn with_program(program: &Path) -> Self {
        let home = TempDir::new().unwrap();
        let [listen, aws, github] = free_addresses();
        let mut command = Command::new(program);
        command
            .args(["up", "--state"])
            .arg(home.path().join("state"))
            .args(["--listen", &listen.to_string()])
            .args(["--api", "127.0.0.1:0"])
            .args(["--aws", &aws.to_string()])
            .args(["--github-listen", &github.to_string()])
            .env_clear()
            .env("PATH", PATH)
            .env("TMPDIR", home.path())
            .env("SWITCHYARD_HARNESS", "command")
            .env("SWITCHYARD_COMMAND", "true")
            .stdin(Stdio::null());
        Self { command, home }
    }

    fn args(mut self, args: &[&str]) -> Self {
        self.command.args(args);
        self
    }

    fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    fn state(&self) -> PathBuf {
        self.home.path().join("state")
    }

    /// Runs it to its end, which must be a refusal to start, and gives what was said.
    fn refuses(mut self) -> String {
        let Output {
            status,
            stdout,
            stderr,
        } = self.command.output().unwrap();
        let said = String::from_utf8([stdout, stderr].concat()).unwrap();
        assert!(!status.success(), "{said}");
        assert!(!said.contains("Ready"), "{said}");
        said
    }

    /// Starts it, and waits until it says that it is ready.
    async fn starts(mut self) -> Running {
        let out = self.home.path().join("out");
        let file = fs::File::create(&out).unwrap();
        self.command.stdout(file.try_clone().unwrap()).stderr(file);
        let child = self.command.spawn().unwrap();
        let running = Running {
            child,
            out,
            home: self.home,
        };
        until("it is ready", || running.said().contains("Ready.")).await;
        running
    }
}

/// The program at work. It is killed when this is dropped.
struct Running {
    child: std::process::Child,
    out: PathBuf,
    home: TempDir,
}

impl Running {
    fn said(&self) -> String {
        fs::read_to_string(&self.out).unwrap_or_default()
    }

    async fn says(&self, text: &str) {
        until(&format!("it says {text:?}"), || self.said().contains(text)).await;
    }

    fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).unwrap();
        kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
    }

    /// The processes that it has started itself.
    fn children(&self) -> Vec<u32> {
        let parent = format!("PPid:\t{}\n", self.child.id());
        let all = fs::read_dir("/proc").unwrap().flatten();
        let pids = all.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        pids.filter(|pid| {
            let status = fs::read_to_string(format!("/proc/{pid}/status"));
            status.is_ok_and(|status| status.contains(&parent))
        })
        .collect()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _killed = self.child.kill();
        let _ended = self.child.wait();
    }
}

fn says(said: &str, wanted: &[&str]) {
    for text in wanted {
        assert!(said.contains(text), "{text:?} is not in {said}");
    }
}

#[test]
fn addresses_that_are_none_are_named_with_what_to_write() {
    let said = Terminal::new()
        .args(&["--github", "api.github.com"])
        .refuses();
    says(
        &said,
        &["--github api.github.com", "https://api.github.com"],
    );
    let said = Terminal::new().args(&["--functions", "nowhere"]).refuses();
    says(&said, &["--functions nowhere", "http://127.0.0.1:9000"]);
}

#[test]
fn settings_that_a_daemon_would_not_take_keep_the_stack_from_starting() {
    for (name, value, reason) in [
        (
            "SWITCHYARD_HARNESS",
            "comand",
            "it is not claude-code or command",
        ),
        ("SWITCHYARD_AGENT_SECONDS", "soon", "number of seconds"),
        (
            "SWITCHYARD_COMMAND",
            "no-such-agent",
            "no-such-agent is not found in PATH",
        ),
        (
            "SWITCHYARD_CHECK_COMMAND",
            "/no/such/check",
            "there is no program /no/such/check",
        ),
    ] {
        let said = Terminal::new().env(name, value).refuses();
        says(&said, &[name, reason]);
    }
}

#[test]
fn a_token_of_the_operators_without_exactly_one_owner_keeps_the_stack_from_starting() {
    for owners in [",", "octo-demo,other"] {
        let said = Terminal::new()
            .env("SWITCHYARD_GITHUB_TOKEN", "gho_operators")
            .env("SWITCHYARD_ALLOWED_OWNERS", owners)
            .refuses();
        says(
            &said,
            &[
                "SWITCHYARD_GITHUB_TOKEN is set",
                owners,
                "Name the one owner that it is for with --owners, or unset",
            ],
        );
        assert!(!said.contains("gho_operators"), "{said}");
    }
}

#[test]
fn a_program_that_is_missing_is_named_before_anything_starts() {
    let terminal = Terminal::new();
    let empty = terminal.home.path().display().to_string();
    let state = terminal.state();
    let said = terminal.env("PATH", &empty).refuses();
    says(
        &said,
        &["git is not found in PATH", &empty, "Install git 2.30"],
    );
    assert!(!state.exists());
}

#[test]
fn a_port_in_use_is_named_once_with_the_option_that_chooses_another() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for option in ["--listen", "--api", "--aws", "--github-listen"] {
        let terminal = Terminal::new();
        let mut command = Command::new(PROGRAM);
        let own: Vec<_> = terminal.command.get_args().map(ToOwned::to_owned).collect();
        let at = own.iter().position(|arg| arg == option).unwrap();
        command
            .args(&own[..at])
            .args([option, &address])
            .args(&own[at + 2..]);
        command.env_clear().envs(
            terminal
                .command
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        );
        let said = Terminal {
            command,
            ..terminal
        }
        .refuses();
        says(
            &said,
            &[&address, &format!("choose another address with {option}")],
        );
        assert_eq!(said.matches("in use").count(), 1, "{said}");
    }
}

#[test]
fn damaged_secrets_are_named_with_what_to_do() {
    let terminal = Terminal::new();
    fs::create_dir(terminal.state()).unwrap();
    let path = terminal.state().join("secrets.json");
    fs::write(&path, "{broken").unwrap();
    let said = terminal.refuses();
    says(
        &said,
        &[&path.display().to_string(), "is damaged", "Delete it"],
    );
}

/// A GitHub with one app, which nobody has told that it is simulated.
async fn a_github(state: &TempDir) -> SimGitHub {
    let app = AppRegistration::new(77, "Iv1.m", "switchyard", DEMONSTRATION_KEY_PEM, "s".into());
    let clock = std::sync::Arc::new(|| domain::Clock::now(&domain::SystemClock));
    let anywhere = "127.0.0.1:0".parse().unwrap();
    let config = simgithub::Config::new(anywhere, state.path().to_owned(), clock, app);
    SimGitHub::start(config).await.unwrap()
}

/// The program on that GitHub, as the app with that number.
fn as_app(github: &SimGitHub, app: &str) -> Terminal {
    Terminal::new()
        .args(&["--github", github.api_url().as_str()])
        .env("GITHUB_APP_ID", app)
        .env("GITHUB_APP_PRIVATE_KEY", DEMONSTRATION_KEY_PEM)
        .env("GITHUB_WEBHOOK_SECRET", "secret")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_github_that_does_not_take_the_app_keeps_the_stack_from_starting() {
    let state = TempDir::new().unwrap();
    let github = a_github(&state).await;
    let terminal = as_app(&github, "78");
    let said = tokio::task::spawn_blocking(|| terminal.refuses())
        .await
        .unwrap();
    says(&said, &["GITHUB_APP_ID 78", github.api_url().as_str()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_github_needs_a_sandbox_that_works_or_the_word_that_there_is_none() {
    let state = TempDir::new().unwrap();
    let github = a_github(&state).await;
    // No job can have a folder there, so no sandbox works.
    let file = state.path().join("file");
    fs::write(&file, "").unwrap();
    let work = file.join("work").display().to_string();
    let terminal = as_app(&github, "77").env("SWITCHYARD_WORK_DIR", &work);
    let said = tokio::task::spawn_blocking(|| terminal.refuses())
        .await
        .unwrap();
    says(
        &said,
        &[
            "there is no boundary around jobs",
            "SWITCHYARD_SANDBOX=none",
        ],
    );
    let terminal = as_app(&github, "77").env("SWITCHYARD_SANDBOX", "none");
    terminal
        .starts()
        .await
        .says("none: nothing holds back what agents run")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn why_no_sandbox_works_is_said() {
    let state = TempDir::new().unwrap();
    // No job can have a folder there, so no sandbox works.
    let file = state.path().join("file");
    fs::write(&file, "").unwrap();
    let work = file.join("work").display().to_string();
    let terminal = Terminal::new().env("SWITCHYARD_WORK_DIR", &work);
    let why = "none: nothing holds back what agents run (namespaces: ";
    terminal.starts().await.says(why).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sandbox_that_really_works_is_said() {
    let running = Terminal::new().starts().await;
    let said = running.said();
    let line = said.lines().find_map(|line| line.strip_prefix("sandbox"));
    let level = line.unwrap().trim().split(':').next().unwrap();
    assert!(["namespaces", "uid", "none"].contains(&level), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_misspelt_setting_is_shown_with_the_one_that_was_meant() {
    let running = Terminal::new()
        .env("SWITCHYARD_CHECK_COMAND", "x")
        .starts()
        .await;
    running
        .says("SWITCHYARD_CHECK_COMAND is set, but is no setting here; SWITCHYARD_CHECK_COMMAND is")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_agent_the_demonstrations_is_used_and_said() {
    let terminal = Terminal::new().env("SWITCHYARD_HARNESS", "");
    let running = terminal.starts().await;
    running.says("agent/agent.py").await;
    running
        .says("the demonstration's script, not a model")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_that_cannot_go_on_says_why_at_the_terminal() {
    let terminal = Terminal::new();
    // It is no folder, which only the daemon itself finds out.
    let file = terminal.home.path().join("file");
    fs::write(&file, "").unwrap();
    let work = file.join("work").display().to_string();
    let running = terminal.env("SWITCHYARD_WORK_DIR", &work).starts().await;
    running.says("the daemon ended: ").await;
    running.says("It is started again in 1 s").await;
    running.says("It is started again in 2 s").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_orderly_end_takes_the_daemon_along_and_says_so() {
    for signal in [Signal::INT, Signal::TERM] {
        let mut running = Terminal::new().starts().await;
        until("its daemon is there", || !running.children().is_empty()).await;
        let daemons = running.children();
        running.signal(signal);
        running
            .says("the daemon has ended; the next start goes on")
            .await;
        assert!(
            running.child.wait().unwrap().success(),
            "{}",
            running.said()
        );
        for daemon in daemons {
            assert!(!Path::new(&format!("/proc/{daemon}")).exists());
        }
        let left = fs::read_dir(running.home.path()).unwrap().flatten();
        let left: Vec<_> = left.map(|entry| entry.file_name()).collect();
        assert!(
            !left
                .iter()
                .any(|name| name.to_string_lossy().starts_with("switchyard-work")),
            "{left:?}"
        );
    }
}

/// What a process of this user's can read of another one's environment.
fn sight(pid: u32, uid: u32) -> String {
    let read = Command::new("cat")
        .arg(format!("/proc/{pid}/environ"))
        .uid(uid)
        .gid(uid)
        .output()
        .unwrap();
    String::from_utf8_lossy(&read.stdout).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_environment_of_stack_and_daemon_is_closed_to_other_processes_of_their_user() {
    // Root may look at everything, so everything is done as somebody else.
    let uid = if geteuid().is_root() {
        NOBODY
    } else {
        geteuid().as_raw()
    };
    let place = TempDir::new().unwrap();
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let program = place.path().join("stack");
    if fs::hard_link(PROGRAM, &program).is_err() {
        fs::copy(PROGRAM, &program).unwrap();
    }
    let mut terminal = Terminal::with_program(&program).env("ANTHROPIC_API_KEY", "sk-hidden");
    chown(terminal.home.path(), Some(uid), Some(uid)).unwrap();
    terminal.command.uid(uid).gid(uid);
    let running = terminal.starts().await;
    until("its daemon is there", || !running.children().is_empty()).await;

    let mut open = Command::new("sleep");
    open.arg("600").env("SEEN", "sk-hidden").uid(uid).gid(uid);
    let mut open = open.spawn().unwrap();
    until("an ordinary process shows its own", || {
        sight(open.id(), uid).contains("sk-hidden")
    })
    .await;
    open.kill().unwrap();
    open.wait().unwrap();

    assert_eq!(sight(running.child.id(), uid), "");
    // A daemon closes itself as the first thing it does.
    let daemon = running.children()[0];
    until("the daemon is closed", || sight(daemon, uid).is_empty()).await;
    let owner = fs::metadata(format!("/proc/{daemon}/mem")).unwrap();
    assert_eq!(std::os::unix::fs::MetadataExt::uid(&owner), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_know_the_token_gets_nothing_from_the_endpoints() {
    let world = World::start().await;
    world.comment(ADA, "bot:implement").await;
    let stranger = kit::Clients::new(aws_local::sdk_config(world.stack.endpoints().url()));
    let queue = world.stack.template().queue("JobsQueue").unwrap();
    let received = stranger
        .sqs()
        .receive_message()
        .queue_url(&queue.url)
        .send()
        .await;
    assert!(format!("{:?}", received.unwrap_err()).contains("InvalidClientTokenId"));
    let scanned = stranger
        .dynamodb()
        .scan()
        .table_name(world.stack.table().unwrap())
        .send()
        .await;
    assert!(format!("{:?}", scanned.unwrap_err()).contains("InvalidClientTokenId"));
    let listed = stranger.s3().list_buckets().send().await;
    assert!(format!("{:?}", listed.unwrap_err()).contains("InvalidClientTokenId"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_secret_that_is_set_signs_the_simulations_webhooks() {
    let world = World::start_with(|config| config.webhook_secret = Some("my-own".into())).await;
    let secret = secrecy::ExposeSecret::expose_secret(world.stack.webhook_secret()).to_owned();
    assert_eq!(secret, "my-own");
    let comment = world.comment(ADA, "bot:implement").await;
    let guid = world.guid_of_comment(comment).await;
    world.decided(&guid).await;
}
