//! What was made a moment ago and is not known everywhere yet.

use serde_json::json;
use switchyard_simgithub::{Lag, NotYet, Propagation};

use crate::support::{REPO, World, git};

async fn pull(world: &World, token: &str) -> crate::support::Answer {
    let wish = json!({"title": "t", "head": "one", "base": "main"});
    world.post("/repos/octo/demo/pulls", token, wish).await
}

#[tokio::test]
async fn a_fresh_token_is_refused_by_git_before_it_is_known() {
    let world = World::start().await;
    world.sim.set_propagation(Propagation::mild());
    let token = world.full_token().await;
    assert_eq!(world.get("/repos/octo/demo", &token).await.status, 200);
    let url = format!("{}octo/demo.git", world.sim.git_url());
    let clone = async || {
        let arguments = ["clone", &url, "work"];
        git(world.directory.path(), Some(&token), &arguments).await
    };
    let (ok, text) = clone().await;
    assert!(!ok && text.contains("Authentication failed"), "{text}");
    let (ok, text) = clone().await;
    assert!(ok, "{text}");
    let work = world.directory.path().join("work");
    let push = async || git(&work, Some(&token), &["push", "origin", "HEAD:one"]).await;
    let (ok, text) = push().await;
    assert!(!ok && text.contains("403"), "{text}");
    assert!(text.contains("Write access to repository not granted."));
    let (ok, text) = push().await;
    assert!(ok, "{text}");
}

#[tokio::test]
async fn a_fresh_token_is_refused_by_the_api_until_the_clock_has_moved() {
    let world = World::start().await;
    let old = world.full_token().await;
    for (answer, status) in [
        (NotYet::Unauthorized, 401),
        (NotYet::Forbidden, 403),
        (NotYet::NotFound, 404),
    ] {
        world.sim.set_propagation(Propagation {
            rest: Lag::Seconds(3, answer),
            ..Propagation::default()
        });
        let token = world.full_token().await;
        assert_eq!(world.get("/repos/octo/demo", &token).await.status, status);
        world.advance(2);
        assert_eq!(world.get("/repos/octo/demo", &token).await.status, status);
        assert_eq!(world.get("/repos/octo/demo", &old).await.status, 200);
        world.advance(1);
        assert_eq!(world.get("/repos/octo/demo", &token).await.status, 200);
    }
}

#[tokio::test]
async fn a_fresh_branch_is_no_head_of_a_pull_request_yet() {
    let world = World::start().await;
    let token = world.full_token().await;
    world.sim.set_propagation(Propagation {
        branch: Lag::Uses(2, NotYet::NotFound),
        ..Propagation::default()
    });
    let pushed = world
        .sim
        .push(REPO, "one", "ann", "Work", &[("a", "1")])
        .await;
    pushed.expect("push");
    for _ in 0..2 {
        let early = pull(&world, &token).await;
        assert_eq!((early.status, early.message()), (422, "Validation Failed"));
        let wanted = json!([{"resource": "PullRequest", "field": "head", "code": "invalid"}]);
        assert_eq!(early.body["errors"], wanted);
    }
    assert_eq!(pull(&world, &token).await.status, 201);
}
