//! The daemon as a process.

use std::{fs::File, process::Stdio};

use domain::Outcome;
use rustix::process::{Pid, Signal, kill_process};
use testkit::IMPLEMENT;
use tokio::process::{Child, Command};

use crate::support::{DAEMON_KEY, JOB_TOKEN, LEASE_TOKEN, Scene, Setup, runs, wait};

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_switchyard-daemon"));
    command.env_clear().stdin(Stdio::null()).kill_on_drop(true);
    command
}

fn spawn(scene: &Scene, log: &str) -> Child {
    let address = &scene.platform.address;
    let hub = &scene.hub.address;
    let log = File::create(scene.folder.path().join(log)).unwrap();
    program()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("AWS_ACCESS_KEY_ID", "AWSKEYFORTESTS")
        .env("AWS_SECRET_ACCESS_KEY", "aws-secret-for-tests")
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ENDPOINT_URL", address)
        .env("JOBS_QUEUE_URL", format!("{address}/000000000000/jobs"))
        .env("SWITCHYARD_WORKER_URL", address)
        .env("SWITCHYARD_DAEMON_KEY", DAEMON_KEY)
        .env("GITHUB_API_URL", hub)
        .env("GITHUB_GIT_URL", hub)
        .env("SWITCHYARD_HARNESS", "command")
        // What its agents tell lies anywhere on this machine.
        .env("SWITCHYARD_SANDBOX", "none")
        .env(
            "SWITCHYARD_COMMAND",
            serde_json::to_string(&scene.agent()).unwrap(),
        )
        .env("SWITCHYARD_WORK_DIR", &scene.work_dir)
        .stderr(log)
        .spawn()
        .unwrap()
}

fn signal(child: &Child, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(child.id().unwrap()).unwrap()).unwrap();
    kill_process(pid, signal).unwrap();
}

#[tokio::test]
async fn it_does_a_job_leaves_nothing_and_ends_when_asked_to() {
    // An orphan in a session of its own, with no environment and outside the job's folder.
    let agent = r#"
        (cd /; setsid env -i /bin/sh -c 'echo $$ > "$0/orphan"; exec sleep 1000' "$SCENE" > /dev/null 2>&1 &)
        while ! [ -s "$SCENE/orphan" ]; do sleep 0.01; done
        cat "/proc/$PPID/environ" > "$SCENE/peeked" 2> /dev/null
        env > "$SCENE/env"
        echo hello > greeting.txt
        printf '{"type":"step","text":"uses ghs_%s"}\n' 0123456789abcdefghijklmnopqrstuvwxyzABCD
    "#;
    let scene = Scene::prepare(&Setup::new(IMPLEMENT, agent)).await;
    let mut daemon = spawn(&scene, "log");
    let finished = scene.finished().await;
    assert!(
        matches!(finished.outcome, Outcome::Succeeded { .. }),
        "{finished:?}"
    );
    assert!(!runs(&scene.told("orphan")));
    assert!(!scene.told("env").contains("AWS"));
    // Nothing is hidden from root.
    if !rustix::process::geteuid().is_root() {
        assert_eq!(scene.told("peeked"), "");
    }
    signal(&daemon, Signal::TERM);
    assert!(wait(daemon.wait()).await.unwrap().success());
    let log = scene.told("log");
    assert!(
        log.lines()
            .all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()),
        "{log}"
    );
    assert!(
        log.contains("the job has ended") && log.contains("\"run.id\":\"run_"),
        "{log}"
    );
    let removed: Vec<serde_json::Value> = log
        .lines()
        .filter(|line| line.contains("\"CredentialsRemoved\":1"))
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(
        removed.len() == 1 && removed[0]["_aws"].is_object(),
        "{log}"
    );
    let tokens = scene.platform.look(|state| state.git_tokens.clone());
    let tokens = tokens.iter().map(String::as_str);
    for secret in tokens.chain([
        JOB_TOKEN,
        LEASE_TOKEN,
        "aws-secret-for-tests",
        "It says goodbye",
        "ghs_0123456789",
    ]) {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}

#[tokio::test]
async fn what_a_killed_daemon_leaves_the_next_one_clears() {
    let agent = r#"echo $$ > "$SCENE/pid"; echo '{"type":"step","text":"here"}'; sleep 1000"#;
    let scene = Scene::prepare(&Setup::new(IMPLEMENT, agent)).await;
    let mut first = spawn(&scene, "first");
    scene.heard("here").await;
    signal(&first, Signal::KILL);
    wait(first.wait()).await.unwrap();
    let pid = scene.told("pid");
    assert!(runs(&pid), "nobody has ended the agent yet");
    std::fs::write(
        scene.folder.path().join("agent.sh"),
        "echo hello > greeting.txt\n",
    )
    .unwrap();
    scene.platform.change(|state| {
        let job = domain::JobId::mint(jiff::Timestamp::UNIX_EPOCH, &domain::SystemRandom);
        let trace = state.payload.as_ref().unwrap().trace.clone();
        let message =
            serde_json::json!({"version": 1, "job": job, "trace": trace, "token": JOB_TOKEN});
        state.messages.push_back(message.to_string());
        state.events.clear();
    });
    let mut second = spawn(&scene, "second");
    let finished = scene.finished().await;
    assert!(
        matches!(finished.outcome, Outcome::Succeeded { .. }),
        "{finished:?}"
    );
    assert!(!runs(&pid));
    signal(&second, Signal::INT);
    assert!(wait(second.wait()).await.unwrap().success());
    let left: Vec<_> = std::fs::read_dir(&scene.work_dir)
        .unwrap()
        .flatten()
        .collect();
    assert_eq!(
        left.len(),
        2,
        "only the lock and the heartbeat that all daemons share"
    );
}

#[tokio::test]
async fn all_wrong_settings_are_named_at_once() {
    let output = wait(program().env("SWITCHYARD_HARNESS", "command").output())
        .await
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let log = String::from_utf8(output.stderr).unwrap();
    for name in [
        "JOBS_QUEUE_URL",
        "SWITCHYARD_WORKER_URL",
        "SWITCHYARD_DAEMON_KEY",
        "GITHUB_API_URL",
        "SWITCHYARD_COMMAND",
    ] {
        assert!(
            log.contains(&format!("\"name\":\"{name}\"")),
            "{name}: {log}"
        );
    }
}
