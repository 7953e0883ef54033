//! `switchyard-local invoke` leaves nothing behind when somebody interrupts it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::{
    fs::{self, Permissions},
    io::{BufRead, BufReader},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    thread,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};

const START: Duration = Duration::from_mins(1);
const END: Duration = Duration::from_secs(10);

/// In the place of `cargo lambda watch`: says where its settings are, and never listens.
const CARGO: &str = "#!/bin/sh
for argument; do settings=$argument; done
echo \"started with $settings\"
exec tail -f /dev/null
";

#[test]
fn an_interrupt_takes_the_process_and_the_secrets_along() {
    let home = tempfile::tempdir().unwrap();
    let cargo = home.path().join("cargo");
    fs::write(&cargo, CARGO).unwrap();
    fs::set_permissions(&cargo, Permissions::from_mode(0o755)).unwrap();
    let mut invoke = start(&cargo, home.path());

    let lines = lines(&mut invoke);
    let settings = started(&lines);
    let secrets = Path::new(&settings);
    let folder = secrets.parent().unwrap();
    assert!(secrets.is_file());
    assert_eq!(
        folder.metadata().unwrap().permissions().mode() & 0o777,
        0o700
    );

    let id = Pid::from_raw(invoke.id().cast_signed()).unwrap();
    kill_process(id, Signal::INT).unwrap();
    assert!(!invoke.wait().unwrap().success());
    assert!(!folder.exists());
    let end = loop {
        if let Err(end) = lines.recv_timeout(END) {
            break end;
        }
    };
    // Nobody is left who could write.
    assert_eq!(end, RecvTimeoutError::Disconnected);
}

fn start(cargo: &Path, home: &Path) -> Child {
    let sample = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../events/webhook-function-url.json"
    );
    Command::new(env!("CARGO_BIN_EXE_switchyard-local"))
        .args(["invoke", sample, "--state"])
        .arg(home.join("state"))
        .env("CARGO", cargo)
        .env("TMPDIR", home)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// What it and the process that it has started write to standard error, while any of them is there.
fn lines(invoke: &mut Child) -> Receiver<String> {
    let lines = BufReader::new(invoke.stderr.take().unwrap()).lines();
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in lines.map(Result::unwrap) {
            sender.send(line).ok();
        }
    });
    receiver
}

/// The file with the settings of the process that it started.
fn started(lines: &Receiver<String>) -> String {
    let mut before = Vec::new();
    while let Ok(line) = lines.recv_timeout(START) {
        if let Some(settings) = line.strip_prefix("started with ") {
            return settings.to_owned();
        }
        before.push(line);
    }
    panic!("it started nothing: {before:?}");
}
