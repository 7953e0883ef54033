//! Every attack at every level: it works where nothing holds it back, and fails where something does.

use std::{
    fs,
    os::{
        linux::net::SocketAddrExt as _,
        unix::{
            fs::{DirEntryExt as _, PermissionsExt as _, chown},
            net::{SocketAddr, UnixListener},
        },
    },
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use domain::{JobId, SystemRandom, Verb};
use jiff::Timestamp;
use rustix::process::{Pid, Signal, kill_process};
use switchyard_daemon::Level;
use tokio::process::{Child, Command};

use crate::{
    hostile_cases::{
        Case, FILES, Held, NEIGHBOURS, NETWORK, PROCESSES, RIGHTS, ROOM, SHARED, Sign,
    },
    support::{DAEMON_KEY, JOB_TOKEN, Scene, Setup, wait},
};

/// An ordinary user, where the test is root.
const NOBODY: u32 = 65534;
const SECRET: &str = "STATE secret of the stack";
const PYTHON: &str = "/usr/bin/python3";
/// What is watched for changes.
const WATCHED: [&str; 5] = [
    "bin/git",
    "bin/daemon",
    "home/.gitconfig",
    "state/table.db",
    "state/log",
];

/// A daemon at one level, with a stack around it that it must not touch.
struct Range {
    scene: Scene,
    daemon_was_stopped: bool,
    daemon: Child,
    neighbour: Child,
    port: std::net::TcpListener,
    _sockets: [UnixListener; 2],
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn pid(child: &Child) -> i32 {
    i32::try_from(child.id().unwrap()).unwrap()
}

impl Range {
    /// `user` is the daemon's, if not the test's.
    async fn open(level: Level, user: Option<u32>) -> Self {
        let scene = Scene::prepare(&Setup::new(Verb::Investigate, "")).await;
        scene.platform.change(|state| state.messages.clear());
        let at = scene.folder.path();
        fs::set_permissions(at, fs::Permissions::from_mode(0o711)).unwrap();
        for folder in ["state", "home", "bin", "daemons"] {
            fs::create_dir(at.join(folder)).unwrap();
        }
        fs::set_permissions(at.join("state"), fs::Permissions::from_mode(0o700)).unwrap();
        for file in ["secrets.json", "findings.md", "table.db", "log"] {
            fs::write(at.join("state").join(file), SECRET).unwrap();
        }
        fs::copy(
            env!("CARGO_BIN_EXE_switchyard-daemon"),
            at.join("bin/daemon"),
        )
        .unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let name = format!("switchyard-scene-{}", port.local_addr().unwrap().port());
        let name = SocketAddr::from_abstract_name(name).unwrap();
        let sockets = [
            UnixListener::bind_addr(&name).unwrap(),
            UnixListener::bind(at.join("state/socket")).unwrap(),
        ];
        if let Some(user) = user {
            for path in [
                "",
                "state",
                "home",
                "bin",
                "daemons",
                "agent.sh",
                "bin/daemon",
            ] {
                chown(at.join(path), Some(user), Some(user)).unwrap();
            }
            for entry in fs::read_dir(at.join("state")).unwrap().flatten() {
                chown(entry.path(), Some(user), Some(user)).unwrap();
            }
        }
        let neighbour = neighbour(at, user);
        let daemon = daemon(&scene, level, user);
        Self {
            scene,
            daemon_was_stopped: false,
            daemon,
            neighbour,
            port,
            _sockets: sockets,
        }
    }

    fn at(&self, path: &str) -> PathBuf {
        self.scene.folder.path().join(path)
    }

    /// Whether the attack worked.
    async fn attacked(&mut self, case: &Case, number: usize) -> bool {
        let mark = format!("mark-{}-{number}", self.port.local_addr().unwrap().port());
        let before = self.watched();
        let mut said = self.job(case.agent, &mark).await;
        if let Some(next) = case.next {
            said = self.job(next, &mark).await;
        }
        let worked = match case.sign {
            Sign::Said => said.contains("BREACH") || said.contains("STATE"),
            Sign::Runs => (0..100).any(|_| marked(&mark).next().is_some()),
            Sign::DaemonStopped => std::mem::take(&mut self.daemon_was_stopped),
            Sign::NeighbourStopped => stopped(pid(&self.neighbour)),
            Sign::Changed(path) => self.watched() != before && self.changed(path, &before),
            Sign::Left => self.left(),
        };
        self.mend(&mark, &before);
        worked
    }

    /// One job with `agent`, to its end; gives back its findings.
    async fn job(&mut self, agent: &str, mark: &str) -> String {
        let port = self.port.local_addr().unwrap().port();
        let text = format!(
            "SCENE='{}' NEIGHBOUR={} DAEMON={} PORT={port} KEY={} MARK={mark} PYTHON={PYTHON} GROUND={} LOCK={}\n\
             breach() {{ echo BREACH >> \"$SWITCHYARD_OUTPUT/findings.md\"; }}\n\
             echo looked > \"$SWITCHYARD_OUTPUT/findings.md\"\n{agent}\ntrue\n",
            self.scene.folder.path().display(),
            pid(&self.neighbour),
            pid(&self.daemon),
            77_000 + u32::from(port),
            self.inode("daemon-"),
            self.inode("lock"),
        );
        fs::write(self.at("agent.sh"), text).unwrap();
        let job = JobId::mint(Timestamp::UNIX_EPOCH, &SystemRandom);
        self.scene.platform.change(|state| {
            let trace = state.payload.as_ref().unwrap().trace.clone();
            let message =
                serde_json::json!({"version": 1, "job": job, "trace": trace, "token": JOB_TOKEN});
            (state.finished, state.deleted) = (None, 0);
            state.messages.push_back(message.to_string());
        });
        let daemon = pid(&self.daemon);
        let platform = &self.scene.platform;
        let mut ended =
            Box::pin(platform.until(|state| state.finished.is_some() && state.deleted > 0));
        let stops = async {
            while !stopped(daemon) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let stops = wait(async {
            tokio::select! {
                () = &mut ended => false,
                () = stops => true,
            }
        })
        .await;
        if stops {
            self.daemon_was_stopped = true;
            kill_process(Pid::from_raw(daemon).unwrap(), Signal::CONT).ok();
            wait(ended).await;
        }
        let finished = platform.look(|state| state.finished.clone());
        finished
            .and_then(|finished| finished.findings)
            .unwrap_or_default()
    }

    /// The number of what is in the daemons' folder under a name that begins so.
    fn inode(&self, name: &str) -> u64 {
        let all = fs::read_dir(self.at("daemons"))
            .into_iter()
            .flatten()
            .flatten();
        all.filter(|entry| entry.file_name().to_string_lossy().starts_with(name))
            .map(|entry| entry.ino())
            .next()
            .unwrap_or_default()
    }

    fn watched(&self) -> Vec<Option<u64>> {
        let of = |path: &str| fs::metadata(self.at(path)).ok().map(|about| about.len());
        WATCHED.iter().map(|path| of(path)).collect()
    }

    fn changed(&self, path: &str, before: &[Option<u64>]) -> bool {
        let at = WATCHED.iter().position(|watched| *watched == path).unwrap();
        self.watched()[at] != before[at]
    }

    fn left(&self) -> bool {
        let daemons = fs::read_dir(self.at("daemons")).unwrap().flatten();
        daemons
            .filter(|entry| entry.path().is_dir())
            .flat_map(|entry| fs::read_dir(entry.path()).unwrap().flatten())
            .any(|entry| entry.file_name().to_string_lossy().starts_with("run_"))
    }

    /// Undoes what worked.
    fn mend(&self, mark: &str, before: &[Option<u64>]) {
        for child in [&self.daemon, &self.neighbour] {
            kill_process(Pid::from_raw(pid(child)).unwrap(), Signal::CONT).ok();
        }
        while let Some(left) = marked(mark).next() {
            kill_process(Pid::from_raw(left).unwrap(), Signal::KILL).ok();
            std::thread::yield_now();
        }
        for (path, before) in WATCHED.iter().zip(before) {
            if before.is_none() {
                fs::remove_file(self.at(path)).ok();
            }
        }
    }
}

/// The processes with this mark in their command lines.
fn marked(mark: &str) -> impl Iterator<Item = i32> + use<> {
    let mark = mark.to_owned();
    fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(move |pid: &i32| {
            let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&line)
                .split('\0')
                .any(|word| word == mark)
        })
}

/// Whether a process is stopped or gone.
fn stopped(pid: i32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(") ")
        .next()
        .unwrap()
        .starts_with(['T', 'Z', 'X'])
        || stat.is_empty()
}

fn neighbour(at: &Path, user: Option<u32>) -> Child {
    let mut command = Command::new("/bin/sleep");
    command
        .arg("10000")
        .env_clear()
        .env("STACK_SECRET", SECRET)
        .current_dir(at.join("state"))
        .stdin(fs::File::open(at.join("state/secrets.json")).unwrap())
        .kill_on_drop(true);
    if let Some(user) = user {
        command.uid(user).gid(user);
    }
    command.spawn().unwrap()
}

fn daemon(scene: &Scene, level: Level, user: Option<u32>) -> Child {
    let at = scene.folder.path();
    let address = &scene.platform.address;
    let log = fs::File::create(at.join("daemon.log")).unwrap();
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", "exec 9< state/secrets.json; exec bin/daemon"])
        .current_dir(at)
        .env_clear()
        .env(
            "PATH",
            format!("{}/bin:/usr/local/bin:/usr/bin:/bin", at.display()),
        )
        .env("HOME", at.join("home"))
        .env("AWS_ACCESS_KEY_ID", "AWSKEYFORTESTS")
        .env("AWS_SECRET_ACCESS_KEY", "AWS_SECRET-for-tests")
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ENDPOINT_URL", address)
        .env("JOBS_QUEUE_URL", format!("{address}/000000000000/jobs"))
        .env("SWITCHYARD_API_URL", address)
        .env("GITHUB_API_URL", &scene.hub.address)
        .env("GITHUB_GIT_URL", &scene.hub.address)
        .env("SWITCHYARD_DAEMON_KEY", DAEMON_KEY)
        .env("SWITCHYARD_HARNESS", "command")
        .env(
            "SWITCHYARD_COMMAND",
            serde_json::to_string(&scene.agent()).unwrap(),
        )
        .env("SWITCHYARD_WORK_DIR", at.join("daemons"))
        .env("SWITCHYARD_SANDBOX", level.to_string())
        .env("SWITCHYARD_SANDBOX_HIDDEN", at.join("state"))
        .env("SWITCHYARD_JOB_PROCESSES", "512")
        .env("SWITCHYARD_JOB_DISK_MIB", "64")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .kill_on_drop(true);
    if let Some(user) = user {
        command.uid(user).gid(user);
    }
    command.spawn().unwrap()
}

fn all() -> impl Iterator<Item = &'static Case> {
    [PROCESSES, NEIGHBOURS, SHARED, FILES, ROOM, RIGHTS, NETWORK]
        .into_iter()
        .flatten()
}

/// Tries every case at `level` and says which ended otherwise than they should.
async fn otherwise(level: Level, user: Option<u32>) -> Vec<String> {
    let mut range = Range::open(level, user).await;
    let mut otherwise = Vec::new();
    for (number, case) in all().enumerate() {
        let works = match (level, case.held) {
            (Level::None, Held::NotToBeTried | Held::LeftToChance) => continue,
            (Level::None, held) => held != Held::EvenAtNone,
            (Level::Uid, held) => held == Held::InNamespaces,
            (Level::Namespaces, _) => false,
        };
        if range.attacked(case, number).await != works {
            let how = if works {
                "should work"
            } else {
                "should be held"
            };
            otherwise.push(format!("{} {how}", case.name));
        }
    }
    let log = fs::read_to_string(range.at("daemon.log")).unwrap_or_default();
    if range.daemon.try_wait().unwrap().is_some() {
        otherwise.push(format!("the daemon has ended: {log}"));
    }
    otherwise
}

/// Whether this machine has what a test of a level needs; a machine of CI must have it.
async fn possible(level: Level, user: Option<u32>) -> bool {
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "true"]);
    if let Some(user) = user {
        command.uid(user).gid(user);
    }
    let spaces = command.status().await.is_ok_and(|status| status.success());
    (level != Level::Namespaces || spaces) && Path::new(PYTHON).exists()
}

#[test]
fn there_are_enough_attacks_of_every_kind() {
    assert!(all().count() >= 40, "{}", all().count());
    let names: std::collections::HashSet<_> = all().map(|case| case.name).collect();
    assert_eq!(names.len(), all().count());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_sandbox_attacks_work() {
    let user = is_root().then_some(NOBODY);
    if possible(Level::None, user).await {
        assert_eq!(otherwise(Level::None, user).await, [""; 0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_of_its_own_holds_attacks() {
    if is_root() && possible(Level::Uid, None).await {
        assert_eq!(otherwise(Level::Uid, None).await, [""; 0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn namespaces_of_an_ordinary_user_hold_attacks() {
    let user = is_root().then_some(NOBODY);
    if possible(Level::Namespaces, user).await {
        assert_eq!(otherwise(Level::Namespaces, user).await, [""; 0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn namespaces_of_root_hold_attacks() {
    if is_root() && possible(Level::Namespaces, None).await {
        assert_eq!(otherwise(Level::Namespaces, None).await, [""; 0]);
    }
}
