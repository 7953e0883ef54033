//! What outlives the process.

use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use serde_json::json;
use switchyard_simgithub::SimGitHub;

use crate::support::{NOW, PATIENCE, REPO, Receiver, World, client, config};

/// Where the child process finds that it is meant to serve, and where it tells its address.
const STATE: &str = "state";
const ADDRESS: &str = "address";

async fn again(world: World) -> World {
    let World {
        sim,
        time,
        directory,
        ..
    } = world;
    sim.shutdown().await;
    let sim = SimGitHub::start(config(directory.path(), &time))
        .await
        .expect("start");
    World {
        sim,
        client: client(),
        time,
        directory,
    }
}

/// Somebody who accepts connections into a backlog and never says a word.
async fn silent() -> (tokio::net::TcpListener, url::Url) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.expect("listen");
    let url = format!("http://{}/", listener.local_addr().expect("address"));
    (listener, url.parse().expect("url"))
}

#[tokio::test]
async fn everything_is_still_there_and_ids_go_on() {
    let world = World::start().await;
    world
        .sim
        .open_issue(REPO, "ann", "t", "b")
        .await
        .expect("issue");
    let first = world
        .sim
        .comment(REPO, 1, "ann", "before")
        .await
        .expect("comment");
    let token = world.full_token().await;
    let world = again(world).await;
    assert_eq!(
        world.sim.comments(REPO, 1).await.expect("comments")[0].body,
        "before"
    );
    assert_eq!(world.get("/repos/octo/demo", &token).await.status, 200);
    let second = world
        .sim
        .comment(REPO, 1, "ann", "after")
        .await
        .expect("comment");
    assert!(second > first);
    assert_eq!(
        world
            .sim
            .open_issue(REPO, "ann", "t", "b")
            .await
            .expect("issue"),
        2
    );
    assert!(
        world
            .sim
            .branch_head(REPO, "main")
            .await
            .expect("head")
            .is_some()
    );
}

#[tokio::test]
async fn webhooks_not_yet_answered_are_sent_after_a_restart_and_answered_ones_are_not() {
    let (world, receiver) = (World::start().await, Receiver::start().await);
    let (silent, url) = silent().await;
    world.sim.set_webhook_url(Some(url));
    world
        .sim
        .open_issue(REPO, "ann", "t", "b")
        .await
        .expect("issue");
    let world = again(world).await;
    drop(silent);
    world.sim.set_webhook_url(Some(receiver.url.clone()));
    receiver.wait("issues", 1).await;
    let all_answered = world.sim.wait_for(PATIENCE, || async {
        let all = world.sim.deliveries().await?;
        Ok(all
            .iter()
            .all(|one| one.status.is_some())
            .then_some(all.len()))
    });
    let count = all_answered.await.expect("answers in time");
    let world = again(world).await;
    world.sim.set_webhook_url(Some(receiver.url.clone()));
    world
        .sim
        .comment(REPO, 1, "ann", "new")
        .await
        .expect("comment");
    receiver.wait("issue_comment", 1).await;
    assert_eq!(receiver.wait("issues", 1).await.len(), 1);
    assert_eq!(
        world.sim.deliveries().await.expect("deliveries").len(),
        count + 1
    );
}

#[tokio::test]
async fn a_push_that_was_not_recorded_is_recorded_at_the_next_start() {
    let world = World::start().await;
    let bare = world.directory.path().join("repositories/octo/demo.git");
    let World {
        sim,
        time,
        directory,
        ..
    } = world;
    sim.shutdown().await;
    let (ok, text) = crate::support::git(
        &bare,
        None,
        &["update-ref", "refs/heads/late", "refs/heads/main"],
    )
    .await;
    assert!(ok, "{text}");
    let sim = SimGitHub::start(config(directory.path(), &time))
        .await
        .expect("start");
    let deliveries = sim.deliveries().await.expect("deliveries");
    let last = deliveries.last().expect("a delivery");
    assert!(last.event == "push" && last.payload.contains("refs/heads/late"));
}

/// Serves for the test below when that test starts it as a process of its own; otherwise it ends at
/// once.
#[tokio::test]
#[ignore = "it is the process that another test kills"]
async fn process_to_kill() {
    if !std::path::Path::new(STATE).is_dir() {
        return;
    }
    let time = Arc::new(AtomicI64::new(NOW));
    let mut config = config(STATE.as_ref(), &time);
    let (_silent, url) = silent().await;
    config.app.webhook_url = Some(url);
    let sim = SimGitHub::start(config).await.expect("start");
    std::fs::write("address.part", sim.api_url().as_str()).expect("write");
    std::fs::rename("address.part", ADDRESS).expect("rename");
    std::future::pending::<()>().await;
}

/// A process that is killed, not asked to stop, when the test lets go of it.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        self.0.kill().expect("kill");
        self.0.wait().expect("wait");
    }
}

#[tokio::test]
async fn what_was_answered_survives_kill_9() {
    let world = World::start().await;
    world
        .sim
        .open_issue(REPO, "ann", "t", "b")
        .await
        .expect("issue");
    let token = world.full_token().await;
    let World {
        sim,
        time,
        directory,
        client,
        ..
    } = world;
    sim.shutdown().await;

    let outside = tempfile::tempdir().expect("directory");
    std::os::unix::fs::symlink(directory.path(), outside.path().join(STATE)).expect("link");
    let child = Command::new(std::env::current_exe().expect("this program"))
        .args(["--ignored", "--exact", "restart::process_to_kill"])
        .current_dir(outside.path())
        .stdout(Stdio::null())
        .spawn()
        .expect("a process");
    let child = Killed(child);
    let api = address(&outside.path().join(ADDRESS)).await;
    let post = client.post(format!("{api}/repos/octo/demo/issues/1/comments"));
    let answer = post
        .bearer_auth(&token)
        .json(&json!({"body": "kept"}))
        .send()
        .await
        .expect("answer");
    assert_eq!(answer.status(), 201);
    drop(child);

    let sim = SimGitHub::start(config(directory.path(), &time))
        .await
        .expect("start");
    assert_eq!(
        sim.comments(REPO, 1).await.expect("comments")[0].body,
        "kept"
    );
    let pending = sim.deliveries().await.expect("deliveries");
    assert!(
        pending
            .iter()
            .any(|one| one.event == "issue_comment" && one.status.is_none())
    );
}

async fn address(file: &std::path::Path) -> String {
    let mut ticks = tokio::time::interval(Duration::from_millis(10));
    let appears = async {
        loop {
            ticks.tick().await;
            if let Ok(text) = std::fs::read_to_string(file) {
                return text;
            }
        }
    };
    tokio::time::timeout(PATIENCE, appears)
        .await
        .expect("the process starts")
}
