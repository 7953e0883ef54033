//! A machine on which git finds no room.

use std::{os::unix::fs::PermissionsExt, path::Path};

use contract::worker::ReleaseRequest;
use domain::{GiveBack, Verb};
use switchyard_daemon::Unfit;

use crate::support::{Scene, Setup};

/// A git that complains of the disk when it is asked for this.
fn without_room(folder: &Path, command: &str, complaint: &str) {
    let script = format!(
        "#!/bin/sh\ncase \"$1\" in {command}) echo 'fatal: {complaint}' >&2; exit 128;; esac\n\
         PATH=$(printf '%s' \"$PATH\" | cut -d: -f2-) exec git \"$@\"\n"
    );
    let at = folder.join("git");
    std::fs::write(&at, script).unwrap();
    std::fs::set_permissions(&at, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[tokio::test]
async fn a_disk_without_room_costs_no_attempt_and_ends_the_daemon() {
    for (command, complaint) in [
        ("clone", "write error: No space left on device"),
        ("write-tree", "unable to write: Disk quota exceeded"),
        ("index-pack", "cannot create: Read-only file system"),
        ("push", "write error: No space left on device"),
    ] {
        let bin = tempfile::tempdir().unwrap();
        without_room(bin.path(), command, complaint);
        let mut scene = Scene::start(Setup {
            path: Some(bin.path().to_owned()),
            ..Setup::new(Verb::Implement, "echo hello > greeting.txt")
        })
        .await;
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
