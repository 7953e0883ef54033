//! A daemon as a process of its own, at one level of the sandbox.

use std::{
    fs,
    io::Write as _,
    os::unix::fs::{PermissionsExt as _, chown},
    path::Path,
    process::Stdio,
};

use switchyard_daemon::Level;
use tokio::process::{Child, Command};

use super::{DAEMON_KEY, Scene, scene::demanded_levels};

/// An ordinary user, where the test is root.
pub(crate) const NOBODY: u32 = 65534;
/// What attacks and other agents are written in, beside the shell.
pub(crate) const PYTHON: &str = "/usr/bin/python3";

/// Whether the test is root.
pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// The number of a process that is not waited for yet.
pub(crate) fn pid(child: &Child) -> i32 {
    i32::try_from(child.id().unwrap()).unwrap()
}

/// Makes folders for a daemon of `user`, if not the test's own, and puts its program there.
pub(crate) fn furnish(scene: &Scene, user: Option<u32>) {
    let at = scene.folder.path();
    fs::set_permissions(at, fs::Permissions::from_mode(0o711)).unwrap();
    for folder in ["home", "bin", "daemons"] {
        fs::create_dir(at.join(folder)).unwrap();
    }
    let program = env!("CARGO_BIN_EXE_switchyard-daemon");
    fs::copy(program, at.join("bin/daemon")).unwrap();
    for path in ["", "home", "bin", "daemons", "agent.sh", "bin/daemon"] {
        give(&at.join(path), user);
    }
}

/// Gives a file or folder to `user`, if that is another.
pub(crate) fn give(path: &Path, user: Option<u32>) {
    if let Some(user) = user {
        chown(path, Some(user), Some(user)).unwrap();
    }
}

/// The daemon of a scene that is furnished. `shell` starts it: it is `bin/daemon` in the scene's folder.
pub(crate) fn machine(scene: &Scene, level: Level, user: Option<u32>, shell: &str) -> Command {
    let at = scene.folder.path();
    let address = &scene.platform.address;
    let path = format!("{}/bin:/usr/local/bin:/usr/bin:/bin", at.display());
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", shell])
        .current_dir(at)
        .env_clear()
        .env("PATH", path)
        .env("HOME", at.join("home"))
        .env("AWS_ACCESS_KEY_ID", "AWSKEYFORTESTS")
        .env("AWS_SECRET_ACCESS_KEY", "AWS_SECRET-for-tests")
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ENDPOINT_URL", address)
        .env("JOBS_QUEUE_URL", format!("{address}/000000000000/jobs"))
        .env("SWITCHYARD_WORKER_URL", address)
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
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(fs::File::create(at.join("daemon.log")).unwrap())
        .kill_on_drop(true);
    if let Some(user) = user {
        command.uid(user).gid(user);
    }
    command
}

/// The processes with this word in their command lines.
pub(crate) fn marked(word: &str) -> impl Iterator<Item = i32> + use<> {
    let word = word.to_owned();
    let all = fs::read_dir("/proc").unwrap().flatten();
    all.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(move |pid: &i32| {
            let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            let line = String::from_utf8_lossy(&line);
            line.split('\0').any(|other| other == word)
        })
}

/// Whether this machine has what a test of `level` needs with a daemon of `user`, if not the test's own. Where it has
/// not, that is said; where `SWITCHYARD_TEST_LEVELS` demands the level, the test falls over.
pub(crate) async fn can_try(level: Level, user: Option<u32>) -> bool {
    let Some(lack) = lack(level, user).await else {
        return true;
    };
    let name = match (level, user) {
        (Level::Namespaces, Some(_)) => "namespaces-of-nobody".to_owned(),
        _ => level.to_string(),
    };
    let demanded = demanded_levels();
    assert!(
        !demanded.split_whitespace().any(|word| word == name),
        "the level {name} is demanded, but {lack}"
    );
    not_tried(&name, lack);
    false
}

/// Says that a level is not tried, past whoever catches the output of tests.
pub(crate) fn not_tried(level: &str, lack: &str) {
    let mut error = std::io::stderr();
    writeln!(
        error,
        "NOT TRIED: the sandbox's level {level}, since {lack}"
    )
    .unwrap();
}

async fn lack(level: Level, user: Option<u32>) -> Option<&'static str> {
    if !Path::new(PYTHON).exists() {
        return Some("there is no Python in its usual place");
    }
    match level {
        Level::None => None,
        Level::Uid => (!is_root()).then_some("the tests are not run by root"),
        Level::Namespaces => {
            let mut command = Command::new("unshare");
            command.args(["--user", "--map-root-user", "--mount", "true"]);
            if let Some(user) = user {
                command.uid(user).gid(user);
            }
            let made = command.status().await.is_ok_and(|status| status.success());
            (!made).then_some("this machine makes no namespaces for the daemon's user")
        }
    }
}
