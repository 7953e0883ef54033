//! What ends a daemon that cannot go on, and what a job in namespaces can reach.

use std::{
    fs,
    os::{
        linux::net::SocketAddrExt as _,
        unix::{
            fs::PermissionsExt as _,
            net::{SocketAddr, UnixListener},
        },
    },
    path::{Path, PathBuf},
    time::Duration,
};

use contract::worker::ReleaseRequest;
use domain::{DefinitionName, FailureKind, GiveBack, Outcome};
use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process, prlimit};
use switchyard_daemon::Level;
use testkit::{IMPLEMENT, INVESTIGATE};
use tokio::process::{Child, Command};

use crate::support::{
    MODEL_KEY, NOBODY, PYTHON, Reply, Scene, Setup, Upstream, can_try, furnish, is_root, machine,
    marked, pid, wait,
};

/// What a daemon ends with if its machine is at fault, and if something of a job may be left.
const MACHINE: i32 = 3;
const LEFTOVERS: i32 = 4;

/// An agent that has changed something and then waits to be told to go on.
const WAITS: &str = r#"
    echo hello > greeting.txt
    echo "{\"type\":\"step\",\"text\":\"user $(id -u)\"}"
    while [ -d "$SCENE" ] && ! [ -e "$SCENE/go" ]; do sleep 0.02; done
"#;

/// An ordinary user for the daemon, where the test is root.
fn ordinary() -> Option<u32> {
    is_root().then_some(NOBODY)
}

async fn prepared(name: DefinitionName, agent: &str, user: Option<u32>) -> Scene {
    let scene = Scene::prepare(&Setup::new(name, agent)).await;
    furnish(&scene, user);
    scene
}

fn start(scene: &Scene, level: Level, user: Option<u32>) -> Child {
    let mut command = machine(scene, level, user, "exec bin/daemon");
    command.spawn().unwrap()
}

async fn until(what: impl Fn() -> bool) {
    wait(async {
        while !what() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
}

/// The first progress event of the agent, once there is some.
async fn user_of_the_job(scene: &Scene) -> String {
    let said = |text: &str| text.strip_prefix("user ").map(str::to_owned);
    let platform = &scene.platform;
    let found = |state: &crate::support::PlatformState| {
        state.events.iter().find_map(|event| said(&event.text))
    };
    wait(platform.until(|state| found(state).is_some())).await;
    platform.look(|state| found(state).unwrap())
}

/// Sees that the daemon ends with this code, that the job was given back because of the machine, and that no token was
/// minted but the one for the clone.
async fn ends_and_gives_back(scene: &Scene, daemon: &mut Child, code: i32) {
    let status = wait(daemon.wait()).await.unwrap();
    let log = scene.told("daemon.log");
    assert_eq!(status.code(), Some(code), "{log}");
    scene.platform.look(|state| {
        let expected = ReleaseRequest {
            why: GiveBack::Environment,
            not_before: None,
        };
        assert_eq!(state.released, Some(expected), "{log}");
        assert!(state.finished.is_none() && state.deleted == 1, "{log}");
        assert_eq!(state.git_accesses, ["read"], "{log}");
    });
    assert!(scene.hub.state.lock().pulls.is_empty());
}

/// The children of a process whose command line holds this part.
fn children(of: i32, part: &str) -> Vec<i32> {
    let all = fs::read_dir("/proc").unwrap().flatten();
    let all = all.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    all.filter(|pid: &i32| {
        let read = |file: &str| fs::read(format!("/proc/{pid}/{file}")).unwrap_or_default();
        let stat = String::from_utf8_lossy(&read("stat")).into_owned();
        let rest = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
        let parent = rest
            .split(' ')
            .nth(1)
            .and_then(|parent| parent.parse().ok());
        parent == Some(of) && String::from_utf8_lossy(&read("cmdline")).contains(part)
    })
    .collect()
}

#[tokio::test]
async fn a_daemon_that_did_not_see_the_end_of_namespaces_ends_and_mints_nothing() {
    let user = ordinary();
    if !can_try(Level::Namespaces, user).await {
        return;
    }
    let agent = format!("sh -c 'sleep 1000; :' not-seen-$SWITCHYARD_RUN &\n{WAITS}");
    let scene = prepared(IMPLEMENT, &agent, user).await;
    let run = scene
        .platform
        .look(|state| state.payload.as_ref().unwrap().run.to_string());
    let mark = format!("not-seen-{run}");
    let mut daemon = start(&scene, Level::Namespaces, user);
    user_of_the_job(&scene).await;
    until(|| marked(&mark).next().is_some()).await;
    let waiting = children(pid(&daemon), "sandbox-stage");
    assert_eq!(waiting.len(), 1, "one process waits for the namespaces");
    kill_process(Pid::from_raw(waiting[0]).unwrap(), Signal::KILL).unwrap();
    ends_and_gives_back(&scene, &mut daemon, LEFTOVERS).await;
    until(|| marked(&mark).next().is_none()).await;
}

#[tokio::test]
async fn a_daemon_that_cannot_end_all_of_a_jobs_user_ends_and_mints_nothing() {
    if !can_try(Level::Uid, None).await {
        return;
    }
    let scene = prepared(IMPLEMENT, WAITS, None).await;
    let mut daemon = start(&scene, Level::Uid, None);
    let user = user_of_the_job(&scene).await;
    // It is the job's user too, and root keeps it from being signalled by that one.
    let script = format!("import os, time\nos.setresuid(0, {user}, 0)\ntime.sleep(1000)");
    let mut stays = Command::new(PYTHON);
    let mut stays = stays
        .args(["-c", &script])
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", pid(&stays));
    let both = format!("Uid:\t0\t{user}\t0\t{user}");
    until(|| fs::read_to_string(&status).unwrap().contains(&both)).await;
    fs::write(scene.folder.path().join("go"), "").unwrap();
    ends_and_gives_back(&scene, &mut daemon, LEFTOVERS).await;
    stays.kill().await.unwrap();
}

/// The daemon's own folder, once it is there.
async fn own_folder(scene: &Scene) -> PathBuf {
    let daemons = scene.folder.path().join("daemons");
    let own = || {
        let all = fs::read_dir(&daemons).into_iter().flatten().flatten();
        let mut own =
            all.filter(|entry| entry.file_name().to_string_lossy().starts_with("daemon-"));
        own.next().map(|entry| entry.path())
    };
    let log = scene.folder.path().join("daemon.log");
    let ready = || fs::read_to_string(&log).is_ok_and(|log| log.contains("the daemon takes jobs"));
    until(ready).await;
    own().unwrap()
}

fn lock(folder: &Path) {
    fs::set_permissions(folder, fs::Permissions::from_mode(0o500)).unwrap();
}

#[tokio::test]
async fn a_daemon_whose_folder_cannot_be_written_claims_nothing_and_ends() {
    let user = ordinary();
    if !can_try(Level::None, user).await {
        return;
    }
    let scene = prepared(INVESTIGATE, "", user).await;
    let message = scene
        .platform
        .change(|state| state.messages.pop_back().unwrap());
    let mut daemon = start(&scene, Level::None, user);
    lock(&own_folder(&scene).await);
    scene
        .platform
        .change(|state| state.messages.push_back(message));
    let status = wait(daemon.wait()).await.unwrap();
    assert_eq!(status.code(), Some(MACHINE), "{}", scene.told("daemon.log"));
    scene.platform.look(|state| {
        assert!(state.calls.is_empty(), "{:?}", state.calls);
        assert_eq!((state.deleted, &state.visibilities[..]), (0, &[0][..]));
    });
}

#[tokio::test]
async fn a_job_whose_folder_cannot_be_removed_is_given_back_and_the_daemon_ends() {
    let user = ordinary();
    if !can_try(Level::None, user).await {
        return;
    }
    let agent = r#"echo found > "$SWITCHYARD_OUTPUT/findings.md"; chmod 0500 ../.."#;
    let scene = prepared(INVESTIGATE, agent, user).await;
    let mut daemon = start(&scene, Level::None, user);
    ends_and_gives_back(&scene, &mut daemon, MACHINE).await;
}

#[tokio::test]
async fn a_job_on_a_machine_without_git_is_given_back_and_the_daemon_ends() {
    let user = ordinary();
    let scene = prepared(INVESTIGATE, "", user).await;
    let mut command = machine(&scene, Level::None, user, "exec bin/daemon");
    let path = scene.folder.path().join("bin");
    let mut daemon = command.env("PATH", path).spawn().unwrap();
    ends_and_gives_back(&scene, &mut daemon, MACHINE).await;
}

#[tokio::test]
async fn a_job_in_namespaces_reaches_its_model_and_nothing_else_of_the_loopback() {
    let user = ordinary();
    if !can_try(Level::Namespaces, user).await {
        return;
    }
    let upstream = Upstream::start([Reply::Says("The model speaks.")]).await;
    let stray = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let scene = prepared(INVESTIGATE, "", user).await;
    let port = |address: &str| address.rsplit(':').next().unwrap().to_owned();
    let closed = [
        port(&upstream.address),
        port(&scene.platform.address),
        port(&scene.hub.address),
        stray.local_addr().unwrap().port().to_string(),
    ];
    let agent = format!(
        r#"{PYTHON} - > "$SWITCHYARD_OUTPUT/findings.md" <<'P'
import json, os, socket, urllib.request
asked = urllib.request.Request(os.environ["ANTHROPIC_BASE_URL"] + "/v1/messages", b'{{"model": "m", "messages": []}}',
    {{"x-api-key": os.environ["ANTHROPIC_API_KEY"], "content-type": "application/json"}})
direct = urllib.request.build_opener(urllib.request.ProxyHandler({{}}))
print(json.load(direct.open(asked))["content"][0]["text"])
for port in ({ports}):
    try:
        socket.create_connection(("127.0.0.1", port), 2)
        print("reached", port)
    except OSError: pass
listening = [line.split()[1] for line in open("/proc/net/tcp") if line.split()[3] == "0A"]
print(len(listening), "ports")
print("key" if "{MODEL_KEY}" in str(os.environ) else "no key")
P"#,
        ports = closed.join(", "),
    );
    fs::write(scene.folder.path().join("agent.sh"), agent).unwrap();
    let mut command = machine(&scene, Level::Namespaces, user, "exec bin/daemon");
    let daemon = command
        .env("ANTHROPIC_API_KEY", MODEL_KEY)
        .env("ANTHROPIC_BASE_URL", &upstream.address)
        .spawn()
        .unwrap();
    wait(scene.platform.until(|state| state.finished.is_some())).await;
    let finished = scene.platform.look(|state| state.finished.clone().unwrap());
    // The model's address and the proxy for what lies outside.
    assert_eq!(
        finished.findings.as_deref(),
        Some("The model speaks.\n2 ports\nno key\n"),
        "{}",
        scene.told("daemon.log")
    );
    let usage = finished.spent.usage.unwrap();
    assert_eq!((usage.calls, usage.output_tokens), (1, 40));
    assert_eq!(upstream.call(0).0["x-api-key"], MODEL_KEY);
    drop(daemon);
}

#[tokio::test]
async fn what_a_jobs_user_writes_to_shared_places_counts_as_its_room() {
    if !can_try(Level::Uid, None).await {
        return;
    }
    let agent = r"
        mkdir /tmp/switchyard-room-$SWITCHYARD_RUN
        head -c 3000000 /dev/zero > /tmp/switchyard-room-$SWITCHYARD_RUN/large
        sleep 1000
    ";
    let scene = prepared(INVESTIGATE, agent, None).await;
    let mut command = machine(&scene, Level::Uid, None, "exec bin/daemon");
    let daemon = command.env("SWITCHYARD_JOB_DISK_MIB", "2").spawn().unwrap();
    wait(scene.platform.until(|state| state.finished.is_some())).await;
    let finished = scene.platform.look(|state| state.finished.clone().unwrap());
    let expected = Outcome::Failed {
        failure: FailureKind::DiskUsedUp.into(),
    };
    assert_eq!(finished.outcome, expected, "{}", scene.told("daemon.log"));
    let run = scene
        .platform
        .look(|state| state.payload.as_ref().unwrap().run.to_string());
    assert!(
        !Path::new("/tmp")
            .join(format!("switchyard-room-{run}"))
            .exists()
    );
    drop(daemon);
}

/// Whether a container's health check finds the daemon well.
async fn is_well(scene: &Scene) -> bool {
    let mut check = Command::new(env!("CARGO_BIN_EXE_switchyard-daemon"));
    check
        .arg("health")
        .env_clear()
        .env("SWITCHYARD_WORK_DIR", scene.folder.path().join("daemons"));
    check.status().await.unwrap().success()
}

#[tokio::test]
async fn a_daemon_that_somebody_stopped_is_not_well() {
    let user = ordinary();
    let scene = prepared(INVESTIGATE, "", user).await;
    scene.platform.change(|state| state.messages.clear());
    assert!(!is_well(&scene).await, "there is no daemon yet");
    let daemon = start(&scene, Level::None, user);
    own_folder(&scene).await;
    let heartbeat = scene.folder.path().join("daemons/heartbeat");
    until(|| heartbeat.exists()).await;
    assert!(is_well(&scene).await);
    let process = Pid::from_raw(pid(&daemon)).unwrap();
    kill_process(process, Signal::STOP).unwrap();
    let stopped = || {
        let stat = fs::read_to_string(format!("/proc/{}/stat", pid(&daemon))).unwrap();
        stat.rsplit_once(") ").unwrap().1.starts_with('T')
    };
    until(stopped).await;
    // A minute goes by in which it writes no other one.
    let file = fs::File::options().write(true).open(&heartbeat).unwrap();
    let written = file.metadata().unwrap().modified().unwrap();
    file.set_modified(written - Duration::from_secs(61))
        .unwrap();
    assert!(!is_well(&scene).await);
    kill_process(process, Signal::CONT).unwrap();
    wait(async {
        while !is_well(&scene).await {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    drop(daemon);
}

/// An agent that opens as many connections to its model's address as it gets, asks nothing there, and then writes more
/// than it may.
const HOARDS: &str = r#"
exec $PYTHON - <<'P'
import os, socket, time, urllib.parse
at = urllib.parse.urlparse(os.environ["ANTHROPIC_BASE_URL"])
held = []
for _ in range(600):
    try: held.append(socket.create_connection((at.hostname, at.port), 0.5))
    except OSError: break
# Some are for its own files.
del held[-8:]
for number in range(8):
    with open(f"large-{number}", "wb") as large: large.write(bytes(3 << 20))
time.sleep(1000)
P
"#;

async fn descriptors_are_not_used_up(level: Level, user: Option<u32>) {
    let upstream = Upstream::start([Reply::Says("The model speaks.")]).await;
    let scene = prepared(INVESTIGATE, "", user).await;
    let agent = HOARDS.replace("$PYTHON", PYTHON);
    fs::write(scene.folder.path().join("agent.sh"), agent).unwrap();
    let mut command = machine(&scene, level, user, "ulimit -n 320; exec bin/daemon");
    let daemon = command
        .env("ANTHROPIC_API_KEY", MODEL_KEY)
        .env("ANTHROPIC_BASE_URL", &upstream.address)
        .env("SWITCHYARD_JOB_DISK_MIB", "8")
        .spawn()
        .unwrap();
    wait(scene.platform.until(|state| state.finished.is_some())).await;
    disk_was_used_up(&scene);
    assert!(!scene.told("daemon.log").contains("heartbeat"));
    drop(daemon);
}

fn disk_was_used_up(scene: &Scene) {
    let expected = Outcome::Failed {
        failure: FailureKind::DiskUsedUp.into(),
    };
    let finished = scene.platform.look(|state| state.finished.clone().unwrap());
    assert_eq!(finished.outcome, expected, "{}", scene.told("daemon.log"));
}

#[tokio::test]
async fn a_job_without_a_network_of_its_own_cannot_use_up_the_daemons_descriptors() {
    if can_try(Level::Uid, None).await {
        descriptors_are_not_used_up(Level::Uid, None).await;
    }
}

#[tokio::test]
async fn a_job_with_a_network_of_its_own_cannot_use_up_the_daemons_descriptors() {
    let user = ordinary();
    if can_try(Level::Namespaces, user).await {
        descriptors_are_not_used_up(Level::Namespaces, user).await;
    }
}

/// Says how many descriptors a process may have, and gives back how many it could have before.
fn may_have(process: &Child, descriptors: u64) -> Rlimit {
    let process = Pid::from_raw(pid(process));
    let former = rustix::process::getrlimit(Resource::Nofile);
    let now = Rlimit {
        current: Some(descriptors),
        maximum: former.maximum,
    };
    prlimit(process, Resource::Nofile, now).unwrap()
}

#[tokio::test]
async fn a_job_ends_whose_room_cannot_be_seen_and_the_daemon_goes_on() {
    if !can_try(Level::Uid, None).await {
        return;
    }
    let scene = prepared(INVESTIGATE, WAITS, None).await;
    let daemon = start(&scene, Level::Uid, None);
    let user: u32 = user_of_the_job(&scene).await.parse().unwrap();
    let running = || {
        let all = fs::read_dir("/proc").unwrap().flatten();
        let mut all = all.filter_map(|entry| fs::read_to_string(entry.path().join("status")).ok());
        let of_user = format!("Uid:\t{user}\t");
        all.any(|status| status.contains(&of_user) && !status.contains("State:\tZ"))
    };
    assert!(running());
    let former = may_have(&daemon, 3);
    until(|| !running()).await;
    may_have(&daemon, former.current.unwrap());
    wait(scene.platform.until(|state| state.finished.is_some())).await;
    disk_was_used_up(&scene);
    drop(daemon);
}

#[tokio::test]
async fn a_daemon_that_can_open_nothing_is_still_well() {
    // Another user's process has its limits from whoever may do more than root does here.
    let user = None;
    let scene = prepared(INVESTIGATE, "", user).await;
    scene.platform.change(|state| state.messages.clear());
    let daemon = start(&scene, Level::None, user);
    own_folder(&scene).await;
    let heartbeat = scene.folder.path().join("daemons/heartbeat");
    until(|| heartbeat.exists()).await;
    may_have(&daemon, 3);
    let file = fs::File::options().write(true).open(&heartbeat).unwrap();
    file.set_modified(std::time::UNIX_EPOCH).unwrap();
    wait(async {
        while !is_well(&scene).await {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    drop(daemon);
}

#[tokio::test]
async fn a_daemon_takes_the_descriptors_it_may_have_and_an_agent_has_no_more_than_before() {
    let user = ordinary();
    let agent = "until [ $(ulimit -n) = 200 ]; do sleep 0.02; done; echo found > \"$SWITCHYARD_OUTPUT/findings.md\"";
    let scene = prepared(INVESTIGATE, agent, user).await;
    let shell = "ulimit -n 400; ulimit -S -n 200; exec bin/daemon";
    let mut command = machine(&scene, Level::None, user, shell);
    let daemon = command.spawn().unwrap();
    wait(scene.platform.until(|state| state.finished.is_some())).await;
    let finished = scene.platform.look(|state| state.finished.clone().unwrap());
    assert_eq!(finished.findings.as_deref(), Some("found\n"));
    let limits = fs::read_to_string(format!("/proc/{}/limits", pid(&daemon))).unwrap();
    let files = limits
        .lines()
        .find(|line| line.starts_with("Max open files"));
    let files: Vec<_> = files.unwrap().split_whitespace().collect();
    assert_eq!(files[3..5], ["400", "400"]);
    drop(daemon);
}

#[tokio::test]
async fn nobody_else_can_keep_a_daemon_from_its_jobs_users() {
    if !can_try(Level::Uid, None).await {
        return;
    }
    let first = 3_100_000_000_u32 + 64 * (std::process::id() % 1_000_000);
    let name = SocketAddr::from_abstract_name(format!("switchyard-job-users-{first}")).unwrap();
    let _taken = UnixListener::bind_addr(&name).unwrap();
    let scene = prepared(INVESTIGATE, WAITS, None).await;
    let mut command = machine(&scene, Level::Uid, None, "exec bin/daemon");
    let range = format!("{first}-{}", first + 63);
    let daemon = command.env("SWITCHYARD_JOB_USERS", range).spawn().unwrap();
    let user: u32 = user_of_the_job(&scene).await.parse().unwrap();
    assert!((first + 1..first + 64).contains(&user));
    // No job gets at what says so.
    let locks = fs::metadata("/run/switchyard").unwrap();
    assert_eq!(locks.permissions().mode() & 0o777, 0o700);
    drop(daemon);
}
