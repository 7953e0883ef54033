//! No credential for git outlives the work it is for, however that ends.

use std::{os::unix::fs::PermissionsExt, path::Path, time::Duration};

use contract::{Slug, worker::CancelReason};
use domain::Outcome;
use tempfile::TempDir;
use testkit::IMPLEMENT;

use crate::support::{Scene, Setup, wait};

const GOOD: &str = "echo hello > greeting.txt";

/// A git that says in a file that it is asked for this, and never ends then.
fn hanging(folder: &Path, command: &str) {
    let script = format!(
        "#!/bin/sh\ncase \"$1\" in {command}) touch '{}/hangs'; exec sleep 1000;; esac\n\
         PATH=$(printf '%s' \"$PATH\" | cut -d: -f2-) exec git \"$@\"\n",
        folder.display()
    );
    let at = folder.join("git");
    std::fs::write(&at, script).unwrap();
    std::fs::set_permissions(&at, std::fs::Permissions::from_mode(0o755)).unwrap();
}

async fn appears(path: &Path) {
    while !path.exists() {
        tokio::task::yield_now().await;
    }
}

/// A job in which git hangs with a credential in its hand.
async fn hangs(command: &str) -> (Scene, TempDir) {
    let bin = tempfile::tempdir().unwrap();
    hanging(bin.path(), command);
    let scene = Scene::start(Setup {
        path: Some(bin.path().to_owned()),
        drain: Duration::ZERO,
        ..Setup::new(IMPLEMENT, GOOD)
    })
    .await;
    wait(appears(&bin.path().join("hangs"))).await;
    assert_eq!(scene.hub.state.lock().tokens.len(), 1);
    (scene, bin)
}

#[tokio::test]
async fn a_job_that_is_stopped_while_git_works_leaves_no_credential() {
    for command in ["clone", "push"] {
        let (scene, _bin) = hangs(command).await;
        let reason = CancelReason::Requested;
        scene.platform.change(|state| state.cancel = Some(reason));
        assert_eq!(scene.finished().await.outcome, Outcome::Cancelled);
        assert!(scene.hub.state.lock().tokens.is_empty(), "{command}");

        let (mut scene, _bin) = hangs(command).await;
        let stale = ("heartbeat", 409, Slug::LEASE_STALE);
        scene.platform.change(|state| state.always = vec![stale]);
        scene.end().await;
        assert!(scene.hub.state.lock().tokens.is_empty(), "{command}");

        let (mut scene, _bin) = hangs(command).await;
        scene.end().await;
        assert!(scene.platform.look(|state| state.released.is_some()));
        assert!(scene.hub.state.lock().tokens.is_empty(), "{command}");
    }
}

#[tokio::test]
async fn a_credential_that_comes_after_the_end_is_revoked_all_the_same() {
    let setup = Setup::new(IMPLEMENT, GOOD);
    let mut scene = Scene::prepare(&setup).await;
    scene
        .platform
        .change(|state| state.holds_back = Some("git-token"));
    scene.run(setup);
    wait(scene.platform.until(|state| !state.git_tokens.is_empty())).await;
    let reason = CancelReason::Requested;
    scene.platform.change(|state| {
        state.cancel = Some(reason);
        state.calls.clear();
    });
    let heard = |calls: &[String]| calls.iter().any(|call| call == "heartbeat");
    wait(scene.platform.until(|state| heard(&state.calls))).await;
    scene.platform.change(|state| state.holds_back = None);
    assert_eq!(scene.finished().await.outcome, Outcome::Cancelled);
    assert!(scene.hub.state.lock().tokens.is_empty());
}

#[tokio::test]
async fn a_provider_that_revokes_nothing_holds_nobody_up_for_long() {
    let setup = Setup::new(IMPLEMENT, GOOD);
    let mut scene = Scene::prepare(&setup).await;
    scene.hub.state.lock().revoke_failures = 99;
    scene.run(setup);
    scene.pull().await;
    assert_eq!(scene.hub.state.lock().tokens.len(), 2);
}
