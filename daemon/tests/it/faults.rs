//! Agents that do not do what they should.

use std::{sync::Arc, time::Duration};

use domain::{Failure, FailureKind, Outcome, Random};
use jiff::Timestamp;
use switchyard_daemon::{
    AgentLimits, Assignment, CommandHarness, Harness, ModelAccess, Reader, Start, Wire,
};
use testkit::{IMPLEMENT, INVESTIGATE};

use crate::support::{BRANCH, Scene, Setup, runs};

fn limits(wall: u64) -> AgentLimits {
    AgentLimits {
        wall: Duration::from_millis(wall),
        idle: None,
        model_idle: Duration::from_secs(50),
        output_bytes: 1024 * 1024,
    }
}

async fn failure(setup: Setup) -> (Scene, FailureKind) {
    let scene = Scene::start(setup).await;
    let kind = scene.failure().await;
    assert!(scene.hub.state.lock().pulls.is_empty());
    (scene, kind)
}

#[tokio::test]
async fn an_agent_that_ends_with_an_error_has_failed_and_what_it_changed_is_kept() {
    let agent = r#"echo hello > greeting.txt; echo '{"type":"result","cost_usd":1}'; exit 3"#;
    let scene = Scene::start(Setup::new(IMPLEMENT, agent)).await;
    let finished = scene.finished().await;
    assert_eq!(
        finished.outcome,
        Outcome::Failed {
            failure: Failure::from(FailureKind::AgentFailed).kept_on(BRANCH)
        }
    );
    assert_eq!(finished.spent.cost.map(|cost| cost.0), Some(1_000_000));
    assert_eq!(scene.hub.file(BRANCH, "greeting.txt"), "hello\n");
    assert!(scene.hub.state.lock().pulls.is_empty());
}

#[tokio::test]
async fn an_agent_that_hangs_is_stopped() {
    let agent = r#"echo $$ > "$SCENE/pid"; echo hello > greeting.txt; sleep 1000"#;
    let setup = Setup {
        limits: limits(300),
        ..Setup::new(IMPLEMENT, agent)
    };
    let (scene, kind) = failure(setup).await;
    assert_eq!(kind, FailureKind::AgentTimedOut);
    assert!(!runs(&scene.told("pid")));
}

#[tokio::test]
async fn an_agent_that_does_not_want_to_end_is_ended() {
    let agent = r#"trap '' TERM INT HUP; echo $$ > "$SCENE/pid"; while :; do sleep 1; done"#;
    let setup = Setup {
        limits: limits(200),
        ..Setup::new(IMPLEMENT, agent)
    };
    let (scene, kind) = failure(setup).await;
    assert_eq!(kind, FailureKind::AgentTimedOut);
    assert!(!runs(&scene.told("pid")));
}

#[tokio::test]
async fn an_agent_that_falls_silent_is_stopped_if_the_operator_wants_that() {
    let idle = AgentLimits {
        idle: Some(Duration::from_millis(200)),
        ..limits(50_000)
    };
    let setup = Setup {
        limits: idle,
        ..Setup::new(IMPLEMENT, "echo one; sleep 1000")
    };
    assert_eq!(failure(setup).await.1, FailureKind::AgentIdle);
}

#[tokio::test]
async fn an_agent_that_writes_without_end_is_stopped() {
    for agent in ["yes", "yes >&2", "cat /dev/zero"] {
        let setup = Setup {
            limits: limits(50_000),
            ..Setup::new(IMPLEMENT, agent)
        };
        assert_eq!(failure(setup).await.1, FailureKind::AgentFlooded, "{agent}");
    }
}

#[tokio::test]
async fn a_job_that_takes_more_room_than_it_may_is_ended_in_words_of_its_own() {
    for agent in [
        "head -c 3000000 /dev/zero > large; sleep 1000",
        "seq 400 | xargs touch; sleep 1000",
        "head -c 3000000 /dev/zero > \"$TMPDIR/large\"; sleep 1000",
    ] {
        let mut setup = Setup::new(INVESTIGATE, agent);
        setup.job_limits.disk_bytes = 2 << 20;
        setup.job_limits.files = 300;
        assert_eq!(failure(setup).await.1, FailureKind::DiskUsedUp, "{agent}");
    }
}

#[tokio::test]
async fn what_an_agent_leaves_running_is_ended() {
    let agent = r#"
        sleep 1000 & echo $! > "$SCENE/child"
        setsid sleep 1000 & echo $! > "$SCENE/session"
        (setsid sh -c 'cd /; echo $$ > "$0/grandchild"; exec sleep 1000' "$SCENE" > /dev/null 2>&1 &)
        while ! [ -s "$SCENE/grandchild" ]; do sleep 0.01; done
        echo hello > greeting.txt
    "#;
    let scene = Scene::start(Setup::new(IMPLEMENT, agent)).await;
    let finished = scene.finished().await;
    assert!(
        matches!(finished.outcome, Outcome::Succeeded { .. }),
        "{finished:?}"
    );
    for left in ["child", "session", "grandchild"] {
        assert!(!runs(&scene.told(left)), "{left} still runs");
    }
}

#[tokio::test]
async fn an_agent_that_is_not_installed_is_found_out_before_anything_is_cloned() {
    let harness = CommandHarness::new(vec!["no-such-agent".to_owned()], "/bin".into());
    let setup = Setup {
        harness: Some(Arc::new(harness)),
        ..Setup::new(IMPLEMENT, "")
    };
    let (scene, kind) = failure(setup).await;
    assert_eq!(kind, FailureKind::AgentMissing);
    assert!(scene.hub.state.lock().requests.is_empty());
    assert!(scene.platform.look(|state| state.git_tokens.is_empty()));
}

#[derive(Debug)]
struct FallsOver;

impl Harness for FallsOver {
    fn name(&self) -> &'static str {
        "falls-over"
    }

    fn ready(&self, _: Option<Wire>) -> Result<(), FailureKind> {
        Ok(())
    }

    fn start(&self, _: Assignment<'_>, _: Option<&ModelAccess>, _: &dyn Random) -> Start {
        panic!("a mistake in a harness");
    }

    fn reader(&self) -> Box<dyn Reader> {
        panic!("a mistake in a harness");
    }
}

#[tokio::test]
async fn a_mistake_of_our_own_fails_the_job_and_leaves_nothing() {
    let setup = Setup {
        harness: Some(Arc::new(FallsOver)),
        ..Setup::new(IMPLEMENT, "")
    };
    assert_eq!(failure(setup).await.1, FailureKind::Internal);
}

#[tokio::test]
async fn work_that_is_too_late_has_expired() {
    let setup = Setup {
        deadline: Timestamp::UNIX_EPOCH,
        ..Setup::new(IMPLEMENT, "sleep 1000")
    };
    let scene = Scene::start(setup).await;
    assert_eq!(scene.finished().await.outcome, Outcome::Expired);
}

#[tokio::test]
async fn folders_that_an_agent_locks_are_removed_all_the_same() {
    let agent = r#"mkdir -p "$HOME/a/b" "$TMPDIR/c"; chmod 000 "$HOME/a/b" "$TMPDIR/c"; exit 1"#;
    assert_eq!(
        failure(Setup::new(IMPLEMENT, agent)).await.1,
        FailureKind::AgentFailed
    );
}
