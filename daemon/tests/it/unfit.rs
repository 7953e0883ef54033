//! A machine on which git finds no room.

use std::os::unix::fs::PermissionsExt;

use contract::worker::ReleaseRequest;
use domain::{FailureKind, GiveBack, Outcome};
use switchyard_daemon::Unfit;
use testkit::IMPLEMENT;

use crate::support::{Scene, Setup, wait};

/// Nobody can write where the daemon tries it.
const FULL: &str = "mkdir \"$GROUND/trial\"";
/// The same as long as the job's folder is there.
const FULL_FOR_NOW: &str = "ln -s \"$(dirname \"$GROUND\"/*/checkout)\" \"$GROUND/trial\"";

/// A scene with a git that complains of the disk when it is asked for this, and `before` does something to it.
async fn complaining(command: &str, complaint: &str, before: &str) -> (tempfile::TempDir, Scene) {
    let bin = tempfile::tempdir().unwrap();
    let setup = Setup {
        path: Some(bin.path().to_owned()),
        ..Setup::new(IMPLEMENT, "echo hello > greeting.txt")
    };
    let mut scene = Scene::prepare(&setup).await;
    let script = format!(
        "#!/bin/sh\ncase \"$1\" in {command}) GROUND=$(echo '{}'/daemon-*); {before}; echo 'fatal: {complaint}' >&2; exit 128;; esac\n\
         PATH=$(printf '%s' \"$PATH\" | cut -d: -f2-) exec git \"$@\"\n",
        scene.work_dir.display()
    );
    let at = bin.path().join("git");
    std::fs::write(&at, script).unwrap();
    std::fs::set_permissions(&at, std::fs::Permissions::from_mode(0o755)).unwrap();
    scene.run(setup);
    (bin, scene)
}

#[tokio::test]
async fn a_disk_without_room_costs_no_attempt_and_ends_the_daemon() {
    for (command, complaint) in [
        ("clone", "write error: No space left on device"),
        ("checkout", "unable to write file greeting.txt"),
        ("write-tree", "unable to write: Disk quota exceeded"),
        ("index-pack", "cannot create: Read-only file system"),
        ("push", "write error: No space left on device"),
    ] {
        let (_bin, mut scene) = complaining(command, complaint, FULL).await;
        let verdict = scene.verdict().await;
        assert!(
            matches!(verdict, Err(Unfit::NoRoom)),
            "{command}: {verdict:?}"
        );
        let released = scene.platform.look(|state| state.released);
        let expected = ReleaseRequest {
            why: GiveBack::Environment,
            not_before: None,
        };
        assert_eq!(released, Some(expected), "{command}");
        assert!(scene.platform.look(|state| state.finished.is_none()));
        assert_eq!(scene.platform.look(|state| state.deleted), 1);
        assert!(scene.hub.state.lock().tokens.is_empty(), "{command}");
    }
}

#[tokio::test]
async fn a_complaint_that_the_disk_does_not_bear_out_is_the_jobs_failure_alone() {
    for (command, kind) in [
        ("clone", FailureKind::CloneFailed),
        ("checkout", FailureKind::CheckoutFailed),
        ("write-tree", FailureKind::ChangeRefused),
        ("push", FailureKind::PushRejected),
    ] {
        let complaint = "write error: No space left on device";
        let (_bin, mut scene) = complaining(command, complaint, "true").await;
        assert_eq!(scene.failure().await, kind, "{command}");
        scene.end().await;
    }
}

#[tokio::test]
async fn a_job_that_takes_all_the_room_by_itself_ends_no_daemon() {
    let complaint = "write error: No space left on device";
    let (_bin, mut scene) = complaining("write-tree", complaint, FULL_FOR_NOW).await;
    wait(scene.platform.until(|state| state.finished.is_some())).await;
    let outcome = scene
        .platform
        .look(|state| state.finished.clone().unwrap().outcome);
    let failure = FailureKind::DiskUsedUp.into();
    assert_eq!(outcome, Outcome::Failed { failure });
    scene.end().await;
}
