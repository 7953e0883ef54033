//! `refs/pull/N/head`: fetched by anybody who may read, pushed by nobody.

use serde_json::json;

use crate::support::{REPO, World, git};

fn url(world: &World) -> String {
    format!("{}octo/demo.git", world.sim.git_url())
}

/// What a reference points at from outside; empty if there is none.
async fn listed(world: &World, token: &str, name: &str) -> String {
    let (ok, text) = git(
        world.directory.path(),
        Some(token),
        &["ls-remote", &url(world), name],
    )
    .await;
    assert!(ok, "{text}");
    text.split_whitespace()
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// Commits to a branch and asks for a pull request of it. Gives the commit.
async fn with_pull(world: &World, token: &str, branch: &str) -> String {
    let pushed = world.sim.push(REPO, branch, "ann", "Work", &[("a", "1")]);
    let sha = pushed.await.expect("push");
    let wish = json!({"title": "t", "head": branch, "base": "main"});
    let made = world.post("/repos/octo/demo/pulls", token, wish).await;
    assert_eq!(made.status, 201, "{:?}", made.body);
    sha
}

#[tokio::test]
async fn a_pull_request_has_a_reference_that_follows_its_head() {
    let world = World::start().await;
    let token = world.full_token().await;
    let first = with_pull(&world, &token, "one").await;
    let name = "refs/pull/1/head";
    assert_eq!(listed(&world, &token, name).await, first);

    let pushed = world
        .sim
        .push(REPO, "one", "ann", "More", &[("a", "2")])
        .await;
    let second = pushed.expect("push");
    assert_eq!(listed(&world, &token, name).await, second);

    let directory = world.directory.path();
    let cloned = git(directory, Some(&token), &["clone", &url(&world), "work"]).await;
    assert!(cloned.0, "{}", cloned.1);
    let work = directory.join("work");
    let fetched = git(
        &work,
        Some(&token),
        &["fetch", "--depth", "1", "origin", name],
    )
    .await;
    assert!(fetched.0, "{}", fetched.1);
    let (_, head) = git(&work, None, &["rev-parse", "FETCH_HEAD"]).await;
    assert_eq!(head.trim(), second);
}

#[tokio::test]
async fn the_reference_outlives_the_branch_and_the_pull_request() {
    let world = World::start().await;
    let token = world.full_token().await;
    let sha = with_pull(&world, &token, "one").await;
    let directory = world.directory.path();
    let cloned = git(directory, Some(&token), &["clone", &url(&world), "work"]).await;
    assert!(cloned.0, "{}", cloned.1);
    let work = directory.join("work");
    let deleted = git(&work, Some(&token), &["push", "origin", ":one"]).await;
    assert!(deleted.0, "{}", deleted.1);
    world.sim.close_issue(REPO, 1, "ann").await.expect("close");
    assert_eq!(listed(&world, &token, "refs/pull/1/head").await, sha);
}

#[tokio::test]
async fn nobody_pushes_to_the_references_of_pull_requests() {
    let world = World::start().await;
    let token = world.full_token().await;
    let sha = with_pull(&world, &token, "one").await;
    let directory = world.directory.path();
    let cloned = git(directory, Some(&token), &["clone", &url(&world), "work"]).await;
    assert!(cloned.0, "{}", cloned.1);
    let work = directory.join("work");
    for target in ["refs/pull/1/head", "refs/pull/7/head", "refs/pull/1/merge"] {
        let refspec = format!("+HEAD:{target}");
        let (ok, text) = git(&work, Some(&token), &["push", "origin", &refspec]).await;
        assert!(
            !ok && text.contains("deny updating a hidden ref"),
            "{target}: {text}"
        );
    }
    assert_eq!(listed(&world, &token, "refs/pull/1/head").await, sha);
    assert_eq!(listed(&world, &token, "refs/pull/7/head").await, "");
}

#[tokio::test]
async fn a_partial_clone_is_honoured() {
    let world = World::start().await;
    let token = world.full_token().await;
    let arguments = [
        "clone",
        "--no-checkout",
        "--filter=blob:none",
        &url(&world),
        "part",
    ];
    let (ok, text) = git(world.directory.path(), Some(&token), &arguments).await;
    assert!(ok && !text.contains("filtering not recognized"), "{text}");
    let work = world.directory.path().join("part");
    let missing = ["rev-list", "--objects", "--missing=print", "HEAD"];
    let (_, objects) = git(&work, None, &missing).await;
    let absent = objects.lines().filter(|line| line.starts_with('?')).count();
    assert_eq!(absent, 2, "both files are left out: {objects}");
}
