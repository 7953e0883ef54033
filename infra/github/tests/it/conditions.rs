//! What owners and plans make of a repository, and what GitHub refuses then.

use reqwest::Method;
use serde_json::{Value, json};
use switchyard_simgithub::{ContentLimit, Permission, Setting, Wait};

use crate::support::{REPO, World, git};

const ISSUE: &str = "/repos/octo/demo/issues/1";
const COMMENTS: &str = "/repos/octo/demo/issues/1/comments";

async fn with_issue() -> (World, String) {
    let world = World::start().await;
    let opened = world.sim.open_issue(REPO, "ann", "t", "b").await;
    opened.expect("issue");
    let token = world.full_token().await;
    (world, token)
}

async fn say(world: &World, token: &str) -> crate::support::Answer {
    world.post(COMMENTS, token, json!({"body": "x"})).await
}

#[tokio::test]
async fn drafts_are_refused_where_the_plan_has_none() {
    let world = World::start().await;
    let token = world.full_token().await;
    world
        .sim
        .turn_off(REPO, Setting::Drafts)
        .await
        .expect("set");
    let pushed = world.sim.push(REPO, "one", "ann", "Work", &[("a", "1")]);
    pushed.await.expect("push");
    let pull = async |draft: bool| {
        let wish = json!({"title": "t", "head": "one", "base": "main", "draft": draft});
        world.post("/repos/octo/demo/pulls", &token, wish).await
    };
    let refused = pull(true).await;
    let words = "Draft pull requests are not supported in this repository.";
    assert_eq!((refused.status, refused.message()), (422, words));
    assert_eq!(pull(false).await.status, 201);
}

#[tokio::test]
async fn an_archived_repository_is_read_only() {
    let (world, token) = with_issue().await;
    let directory = world.directory.path();
    let url = format!("{}octo/demo.git", world.sim.git_url());
    world
        .sim
        .turn_on(REPO, Setting::Archived)
        .await
        .expect("set");
    let refused = say(&world, &token).await;
    let words = "Repository was archived so is read-only.";
    assert_eq!((refused.status, refused.message()), (403, words));
    let shown = world.get("/repos/octo/demo", &token).await;
    assert_eq!(shown.body["archived"], true);
    let (ok, text) = git(directory, Some(&token), &["clone", &url, "work"]).await;
    assert!(ok, "{text}");
    let work = directory.join("work");
    let (ok, text) = git(&work, Some(&token), &["push", "origin", "HEAD:one"]).await;
    assert!(!ok && text.contains("403"), "{text}");
    assert!(text.contains("This repository was archived so it is read-only."));
    world
        .sim
        .turn_off(REPO, Setting::Archived)
        .await
        .expect("set");
    assert_eq!(say(&world, &token).await.status, 201);
}

#[tokio::test]
async fn an_empty_repository_says_so() {
    let world = World::start().await;
    let made = world.sim.create_empty_repository("octo", "empty").await;
    made.expect("repository");
    let token = world.full_token().await;
    for path in ["git/ref/heads/main", "git%2Fref/heads/main"] {
        let answer = world
            .get(&format!("/repos/octo/empty/{path}"), &token)
            .await;
        if path.starts_with("git/") {
            let words = "Git Repository is empty.";
            assert_eq!((answer.status, answer.message()), (409, words));
        } else {
            assert_eq!(answer.status, 501, "that is another address");
        }
    }
    let branches = world.get("/repos/octo/empty/branches", &token).await;
    assert_eq!(branches.body, json!([]));
    let branch = world.get("/repos/octo/empty/branches/main", &token).await;
    assert_eq!(branch.status, 404);
    let url = format!("{}octo/empty.git", world.sim.git_url());
    let (ok, text) = git(world.directory.path(), Some(&token), &["clone", &url]).await;
    assert!(ok && text.contains("empty repository"), "{text}");
}

#[tokio::test]
async fn former_names_lead_to_present_ones() {
    let (world, token) = with_issue().await;
    let organization = world.sim.create_organization("other").await;
    organization.expect("organization");
    let moved = world.sim.move_repository(REPO, "other", "renamed").await;
    moved.expect("move");
    let id = world.sim.installation_id("other/renamed").await;
    let id = id.expect("repository").expect("installed");
    let minted = world.sim.mint_token(id, None, None).await.expect("token");
    let new = secrecy::ExposeSecret::expose_secret(&minted);
    assert_eq!(world.get(ISSUE, &token).await.status, 404, "no longer ours");
    let followed = world.get(ISSUE, new).await;
    assert_eq!(
        (followed.status, &followed.body["number"]),
        (200, &json!(1))
    );

    let direct = reqwest_without_redirects();
    let url = format!("{}{ISSUE}?a=b", world.sim.api_url());
    for (method, status) in [(Method::GET, 301), (Method::PATCH, 307)] {
        let request = direct.request(method, &url).bearer_auth(new);
        let answer = request.send().await.expect("answer");
        assert_eq!(answer.status(), status);
        let location = answer.headers()["location"].to_str().expect("text");
        let wanted = format!("{}/repositories/", world.sim.api_url());
        assert!(location.starts_with(&wanted), "{location}");
        assert!(location.ends_with("/issues/1?a=b"), "{location}");
    }

    let url = format!("{}octo/demo.git", world.sim.git_url());
    let directory = world.directory.path();
    let (ok, text) = git(directory, Some(new), &["clone", &url, "work"]).await;
    assert!(ok, "{text}");
    let open = world.sim.turn_off("other/renamed", Setting::Private);
    open.await.expect("set");
    let (ok, text) = git(directory, None, &["clone", &url, "open"]).await;
    assert!(ok && text.contains("redirecting to"), "{text}");
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests speak to the simulation directly"
)]
fn reqwest_without_redirects() -> reqwest::Client {
    let builder = reqwest::Client::builder().user_agent("tests").no_proxy();
    let builder = builder.redirect(reqwest::redirect::Policy::none());
    builder.build().expect("client")
}

#[tokio::test]
async fn a_renamed_default_branch_is_found_by_the_api_and_not_by_git() {
    let world = World::start().await;
    let token = world.full_token().await;
    let renamed = world.sim.rename_default_branch(REPO, "trunk").await;
    renamed.expect("rename");
    let shown = world.get("/repos/octo/demo", &token).await;
    assert_eq!(shown.body["default_branch"], "trunk");
    let found = world.get("/repos/octo/demo/branches/main", &token).await;
    assert_eq!((found.status, &found.body["name"]), (200, &json!("trunk")));
    let gone = world
        .get("/repos/octo/demo/git/ref/heads/main", &token)
        .await;
    assert_eq!(gone.status, 404);
    let url = format!("{}octo/demo.git", world.sim.git_url());
    let arguments = ["clone", "--branch", "main", &url, "work"];
    let (ok, text) = git(world.directory.path(), Some(&token), &arguments).await;
    assert!(!ok && text.contains("not found"), "{text}");
}

#[tokio::test]
async fn a_locked_conversation_is_closed_to_the_app_and_to_readers() {
    let (world, token) = with_issue().await;
    world.sim.lock_issue(REPO, 1, "octo").await.expect("lock");
    let refused = say(&world, &token).await;
    let words = "Unable to create comment because issue is locked.";
    assert_eq!((refused.status, refused.message()), (403, words));
    assert!(world.sim.comment(REPO, 1, "ann", "x").await.is_err());
    let role = world.sim.set_permission(REPO, "ann", Permission::Write);
    role.await.expect("role");
    world
        .sim
        .comment(REPO, 1, "ann", "x")
        .await
        .expect("comment");
    assert_eq!(world.get(ISSUE, &token).await.body["locked"], true);
}

#[tokio::test]
async fn disabled_issues_are_gone_and_pull_requests_are_not() {
    let (world, token) = with_issue().await;
    let pushed = world.sim.push(REPO, "one", "ann", "Work", &[("a", "1")]);
    pushed.await.expect("push");
    let wish = json!({"title": "t", "head": "one", "base": "main"});
    let made = world.post("/repos/octo/demo/pulls", &token, wish).await;
    assert_eq!(made.status, 201);
    world
        .sim
        .turn_off(REPO, Setting::Issues)
        .await
        .expect("set");
    let gone = world.get(ISSUE, &token).await;
    let words = "Issues are disabled for this repo";
    assert_eq!((gone.status, gone.message()), (410, words));
    let create = world.post("/repos/octo/demo/issues", &token, json!({"title": "t"}));
    assert_eq!(create.await.status, 410);
    let comment = world.post(
        "/repos/octo/demo/issues/2/comments",
        &token,
        json!({"body": "x"}),
    );
    assert_eq!(comment.await.status, 201);
}

#[tokio::test]
async fn a_suspended_installation_can_do_nothing_and_hears_nothing() {
    let (world, token) = with_issue().await;
    let id = world.installation().await;
    world.sim.suspend_installation(REPO).await.expect("suspend");
    let words = "This installation has been suspended";
    let mint = format!("/app/installations/{id}/access_tokens");
    let minted = world.post(&mint, &world.jwt(), Value::Null).await;
    assert_eq!((minted.status, minted.message()), (403, words));
    let read = world.get(ISSUE, &token).await;
    assert_eq!((read.status, read.message()), (403, words));
    let shown = world
        .get(&format!("/app/installations/{id}"), &world.jwt())
        .await;
    assert!(shown.body["suspended_at"].is_string());
    let before = world.sim.deliveries().await.expect("deliveries");
    assert!(
        before
            .last()
            .is_some_and(|one| one.action.as_deref() == Some("suspend"))
    );
    world
        .sim
        .comment(REPO, 1, "ann", "x")
        .await
        .expect("comment");
    let after = world.sim.deliveries().await.expect("deliveries");
    assert_eq!(before.len(), after.len());
    world.sim.unsuspend_installation(REPO).await.expect("again");
    assert_eq!(world.get(ISSUE, &token).await.status, 200);
}

#[tokio::test]
async fn a_blocked_person_cannot_comment() {
    let (world, _) = with_issue().await;
    world.sim.block(REPO, "ann").await.expect("block");
    assert!(world.sim.comment(REPO, 1, "ann", "x").await.is_err());
}

#[tokio::test]
async fn the_secondary_limit_counts_what_is_made_and_ends() {
    let (world, token) = with_issue().await;
    world.sim.set_content_limit(Some(ContentLimit {
        per_minute: 2,
        per_hour: 3,
        ..ContentLimit::of_github()
    }));
    for _ in 0..2 {
        assert_eq!(say(&world, &token).await.status, 201);
    }
    world.advance(10);
    let refused = say(&world, &token).await;
    assert_eq!((refused.status, refused.header("retry-after")), (403, "50"));
    assert!(refused.message().contains("secondary rate limit"));
    assert_eq!(
        world.get(ISSUE, &token).await.status,
        200,
        "reading is free"
    );
    world.advance(50);
    assert_eq!(say(&world, &token).await.status, 201);
    world.sim.set_content_limit(Some(ContentLimit {
        per_minute: 2,
        per_hour: 3,
        status: 429,
        wait: Wait::Untold,
    }));
    let refused = say(&world, &token).await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, ""));
    world.advance(3_600);
    let token = world.full_token().await;
    assert_eq!(say(&world, &token).await.status, 201);
}

#[tokio::test]
async fn a_clock_that_is_ahead_shows_in_the_date_and_refuses_tokens_of_the_app() {
    let world = World::start().await;
    assert_eq!(world.get("/app", &world.jwt()).await.status, 200);
    world.sim.set_clock_skew(-300);
    let refused = world.get("/app", &world.jwt()).await;
    assert_eq!(refused.status, 401);
    assert!(refused.message().contains("'iat'"), "{}", refused.message());
    assert_eq!(refused.header("date"), "Mon, 21 Sep 2026 14:08:20 GMT");
}

#[tokio::test]
async fn what_the_caller_has_already_is_not_sent_again_and_costs_nothing() {
    let (world, token) = with_issue().await;
    let first = world.get(ISSUE, &token).await;
    let tag = first.header("etag").to_owned();
    assert!(tag.starts_with("W/\""), "{tag}");
    let left = first.header("x-ratelimit-remaining").to_owned();
    let again = async || {
        let url = format!("{}{ISSUE}", world.sim.api_url());
        let request = world.client.get(url).bearer_auth(&token);
        let request = request.header("if-none-match", &tag);
        crate::support::Answer::of(request.send().await.expect("answer")).await
    };
    let unchanged = again().await;
    assert_eq!(unchanged.status, 304);
    assert_eq!(unchanged.header("x-ratelimit-remaining"), left);
    world
        .sim
        .comment(REPO, 1, "ann", "x")
        .await
        .expect("comment");
    assert_eq!(again().await.status, 200);
    let made = say(&world, &token).await;
    assert_eq!(
        made.header("location"),
        made.body["url"].as_str().expect("url")
    );
}

#[tokio::test]
async fn what_is_not_simulated_says_so() {
    let world = World::start().await;
    let token = world.full_token().await;
    let unknown = world.get("/repos/octo/demo/stargazers", &token).await;
    assert_eq!(unknown.status, 501);
    assert!(
        unknown
            .message()
            .contains("GET /repos/octo/demo/stargazers")
    );
    let method = world.call(Method::DELETE, "/repos/octo/demo", &token, Value::Null);
    assert_eq!(method.await.status, 501);
    assert_eq!(world.get("/nowhere", &token).await.status, 404);
}
