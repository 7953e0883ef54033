//! Every attack at every level: it works where nothing holds it back, and fails where something does.

use std::{
    collections::HashSet,
    fs,
    os::{
        linux::net::SocketAddrExt as _,
        unix::{
            fs::{DirEntryExt as _, PermissionsExt as _},
            net::{SocketAddr, UnixListener},
        },
    },
    path::{Path, PathBuf},
    time::Duration,
};

use domain::{JobId, SystemRandom};
use jiff::Timestamp;
use rustix::process::{Pid, Signal, kill_process};
use switchyard_daemon::Level;
use testkit::INVESTIGATE;
use tokio::process::{Child, Command};

use crate::{
    hostile_cases::{Case, Held, NEIGHBOURS, NETWORK, PROCESSES, RIGHTS, ROOM, SHARED, Sign},
    hostile_files::FILES,
    support::{
        JOB_TOKEN, NOBODY, PYTHON, Scene, Setup, can_try, furnish, give, is_root, machine, marked,
        not_tried, pid, wait,
    },
};

const SECRET: &str = "STATE secret of the stack";
/// The agent: it reads its settings, if there are any, and does what it is given.
const AGENT: &str = r#"
[ ! -r "${0%.sh}.conf" ] || . "${0%.sh}.conf"
. "$1"
"#;
/// The last step of many: no attack has kept a later one from being tried.
const TRIED_ALL: &str = r#"echo tried all >> "$SWITCHYARD_OUTPUT/findings.md""#;
/// What is watched for changes.
const WATCHED: [&str; 6] = [
    "agent.conf",
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

impl Range {
    /// `user` is the daemon's, if not the test's.
    async fn open(level: Level, user: Option<u32>) -> Self {
        let scene = Scene::prepare(&Setup::new(INVESTIGATE, "")).await;
        scene.platform.change(|state| state.messages.clear());
        let at = scene.folder.path();
        furnish(&scene, user);
        fs::write(at.join("agent.sh"), AGENT).unwrap();
        fs::write(task(&scene), "").unwrap();
        fs::create_dir(at.join("state")).unwrap();
        fs::set_permissions(at.join("state"), fs::Permissions::from_mode(0o700)).unwrap();
        for file in ["secrets.json", "findings.md", "table.db", "log"] {
            fs::write(at.join("state").join(file), SECRET).unwrap();
        }
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let name = format!("switchyard-scene-{}", port.local_addr().unwrap().port());
        let name = SocketAddr::from_abstract_name(name).unwrap();
        let sockets = [
            UnixListener::bind_addr(&name).unwrap(),
            UnixListener::bind(at.join("state/socket")).unwrap(),
        ];
        fs::create_dir_all(at.join("shared/open")).unwrap();
        fs::set_permissions(at.join("shared/open"), fs::Permissions::from_mode(0o777)).unwrap();
        give(&at.join("state"), user);
        for entry in fs::read_dir(at.join("state")).unwrap().flatten() {
            give(&entry.path(), user);
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
        let mark = self.mark(number);
        let before = self.watched();
        let mut said = self.job(&step(case.agent, number, &mark)).await;
        if let Some(next) = case.next {
            said = self.job(&step(next, number, &mark)).await;
        }
        let worked = match case.sign {
            Sign::Said => says(&said, number),
            Sign::Runs => (0..100).any(|_| marked(&mark).next().is_some()),
            Sign::DaemonStopped => std::mem::take(&mut self.daemon_was_stopped),
            Sign::NeighbourStopped => stopped(pid(&self.neighbour)),
            Sign::Changed(path) => self.watched() != before && self.changed(path, &before),
            Sign::Left => self.left(),
        };
        self.mend(&mark, &before);
        worked
    }

    /// Which of these attacks worked, tried one after the other in a job of all, and a second one for what comes next.
    async fn attacked_together(&mut self, cases: &[(usize, &Case)]) -> HashSet<usize> {
        let before = self.watched();
        let steps = |of: fn(&Case) -> Option<&'static str>| {
            let steps = cases.iter().filter_map(|(number, case)| {
                let agent = of(case)?;
                // In a shell of its own, so that none ends or moves the next.
                Some(format!(
                    "(\n{}\n)\n",
                    step(agent, *number, &self.mark(*number))
                ))
            });
            steps.collect::<String>()
        };
        let (first, second) = (steps(|case| Some(case.agent)), steps(|case| case.next));
        let first = self.job(&format!("{first}{TRIED_ALL}")).await;
        let second = self.job(&format!("{second}{TRIED_ALL}")).await;
        assert!(first.contains("tried all") && second.contains("tried all"));
        let worked = cases.iter().filter(|(number, case)| {
            let said = if case.next.is_some() { &second } else { &first };
            says(said, *number)
        });
        let worked = worked.map(|(number, _)| *number).collect();
        for (number, _) in cases {
            self.mend(&self.mark(*number), &before);
        }
        worked
    }

    fn mark(&self, number: usize) -> String {
        let port = self.port.local_addr().unwrap().port();
        format!("mark-{port}-{number}")
    }

    /// One job that does `task`, to its end; gives back its findings.
    async fn job(&mut self, task: &str) -> String {
        let port = self.port.local_addr().unwrap().port();
        let text = format!(
            "SCENE='{}' NEIGHBOUR={} DAEMON={} PORT={port} KEY={} PYTHON={PYTHON} GROUND={} LOCK={}\n\
             breach() {{ echo \"BREACH $CASE.\" >> \"$SWITCHYARD_OUTPUT/findings.md\"; }}\n\
             planted() {{ echo \"echo BREACH $CASE. >> \\\"\\$SWITCHYARD_OUTPUT/findings.md\\\"\"; }}\n\
             echo looked >> \"$SWITCHYARD_OUTPUT/findings.md\"\n{task}\ntrue\n",
            self.scene.folder.path().display(),
            pid(&self.neighbour),
            pid(&self.daemon),
            77_000 + u32::from(port),
            self.inode("daemon-"),
            self.inode("lock"),
        );
        fs::write(self::task(&self.scene), text).unwrap();
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

    /// Waits for the daemon to have its own folder, which attacks are told of.
    async fn ready(&self) {
        wait(async {
            while self.inode("daemon-") == 0 || self.inode("lock") == 0 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
        .await;
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
        fs::write(self.at("agent.sh"), AGENT).unwrap();
    }
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
    let state = scene.folder.path().join("state");
    let command = [&scene.agent()[..], &[task(scene).display().to_string()]].concat();
    let shell = "exec 9< state/secrets.json; exec bin/daemon";
    machine(scene, level, user, shell)
        .env(
            "SWITCHYARD_COMMAND",
            serde_json::to_string(&command).unwrap(),
        )
        .env("SWITCHYARD_SANDBOX_HIDDEN", state)
        .env("SWITCHYARD_JOB_PROCESSES", "512")
        .env("SWITCHYARD_JOB_DISK_MIB", "64")
        .spawn()
        .unwrap()
}

/// What the agent is to do next, which it is given as an argument.
fn task(scene: &Scene) -> PathBuf {
    scene.folder.path().join("task.sh")
}

fn all() -> impl Iterator<Item = &'static Case> {
    [PROCESSES, NEIGHBOURS, SHARED, FILES, ROOM, RIGHTS, NETWORK]
        .into_iter()
        .flatten()
}

/// What a job has to do for one case.
fn step(agent: &str, number: usize, mark: &str) -> String {
    format!("CASE={number} MARK={mark}\n{agent}")
}

/// Whether what a job found says that this attack worked.
fn says(found: &str, number: usize) -> bool {
    found.contains(&format!("BREACH {number}.")) || found.contains("STATE")
}

/// Whether an attack only tells, and leaves the next one as it would have been.
fn leaves_others_alone(case: &Case) -> bool {
    let more = ["SWITCHYARD_OUTPUT", "SCENE/agent", "os.fork"];
    case.sign == Sign::Said && !more.iter().any(|part| case.agent.contains(part))
}

/// Tries every case at `level` and says which ended otherwise than they should. What leaves others alone is tried in one
/// job: a job costs much more than an attack.
async fn otherwise(level: Level, user: Option<u32>) -> Vec<String> {
    let mut range = Range::open(level, user).await;
    range.ready().await;
    let tried: Vec<_> = all()
        .enumerate()
        .filter(|(_, case)| {
            let risky = matches!(case.held, Held::NotToBeTried | Held::LeftToChance);
            level != Level::None || !risky
        })
        .collect();
    let (together, apart): (Vec<_>, Vec<_>) = tried
        .iter()
        .partition(|(_, case)| leaves_others_alone(case));
    let mut worked = range.attacked_together(&together).await;
    for (number, case) in apart {
        if range.attacked(case, number).await {
            worked.insert(number);
        }
    }
    let mut otherwise = Vec::new();
    for (number, case) in tried {
        let works = match (level, case.held) {
            (Level::None, held) => held != Held::EvenAtNone,
            (Level::Uid, held) => held == Held::InNamespaces,
            (Level::Namespaces, _) => false,
        };
        if worked.contains(&number) != works {
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

#[test]
fn there_are_enough_attacks_of_every_kind() {
    assert!(all().count() >= 40, "{}", all().count());
    let names: HashSet<_> = all().map(|case| case.name).collect();
    assert_eq!(names.len(), all().count());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_sandbox_attacks_work() {
    let user = is_root().then_some(NOBODY);
    if can_try(Level::None, user).await {
        assert_eq!(otherwise(Level::None, user).await, [""; 0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_of_its_own_holds_attacks() {
    if can_try(Level::Uid, None).await {
        assert_eq!(otherwise(Level::Uid, None).await, [""; 0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn namespaces_of_an_ordinary_user_hold_attacks() {
    let user = is_root().then_some(NOBODY);
    if can_try(Level::Namespaces, user).await {
        assert_eq!(otherwise(Level::Namespaces, user).await, [""; 0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn namespaces_of_root_hold_attacks() {
    if !is_root() {
        not_tried("namespaces of root", "the tests are not run by root");
    } else if can_try(Level::Namespaces, None).await {
        assert_eq!(otherwise(Level::Namespaces, None).await, [""; 0]);
    }
}
