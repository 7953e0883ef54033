//! What a pull request changes and what is said about it.

use serde_json::{Value, json};
use switchyard_simgithub::Opinion;

use crate::support::{REPO, World};

const PULL: &str = "/repos/octo/demo/pulls/1";

async fn with_pull() -> (World, String) {
    let world = World::start().await;
    let token = world.full_token().await;
    let files = [("README.md", "# demo\nmore\n"), ("dir/new.txt", "new\n")];
    let pushed = world.sim.push(REPO, "one", "ann", "Work", &files).await;
    pushed.expect("push");
    let wish = json!({"title": "t", "head": "one", "base": "main"});
    let made = world.post("/repos/octo/demo/pulls", &token, wish).await;
    assert_eq!(made.status, 201);
    (world, token)
}

async fn as_text(world: &World, token: &str, path: &str, accept: &str) -> (u16, String) {
    let url = format!("{}{path}", world.sim.api_url());
    let request = world.client.get(url).bearer_auth(token);
    let answer = request.header("accept", accept).send().await;
    let answer = answer.expect("answer");
    (answer.status().as_u16(), answer.text().await.expect("text"))
}

#[tokio::test]
async fn files_and_commits_of_a_pull_request_are_listed() {
    let (world, token) = with_pull().await;
    let files = world.get(&format!("{PULL}/files"), &token).await;
    let seen: Vec<_> = files.body.as_array().expect("files").iter().collect();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0]["filename"], "README.md");
    assert_eq!(seen[0]["status"], "modified");
    assert_eq!(seen[0]["additions"], 1);
    assert_eq!(seen[0]["patch"], "@@ -1 +1,2 @@\n # demo\n+more");
    assert_eq!(seen[1]["status"], "added");
    let page = world.get(&format!("{PULL}/files?per_page=1"), &token).await;
    assert!(page.header("link").contains("rel=\"next\""));
    let commits = world.get(&format!("{PULL}/commits"), &token).await;
    assert_eq!(commits.body[0]["commit"]["message"], "Work");
}

#[tokio::test]
async fn a_pull_request_can_be_had_as_diff_and_as_patches() {
    let (world, token) = with_pull().await;
    let (_, diff) = as_text(&world, &token, PULL, "application/vnd.github.diff").await;
    assert!(diff.starts_with("diff --git a/README.md"), "{diff}");
    let (_, patch) = as_text(&world, &token, PULL, "application/vnd.github.v3.patch").await;
    assert!(patch.contains("Subject: [PATCH] Work"), "{patch}");
    let compared = "/repos/octo/demo/compare/main...one";
    let (_, same) = as_text(&world, &token, compared, "application/vnd.github.diff").await;
    assert_eq!(same, diff);
    let head = world.get(PULL, &token).await.body["head"]["sha"].clone();
    let head = head.as_str().expect("sha");
    let long = "x\n".repeat(20_001);
    let files = [("long", long.as_str())];
    let pushed = world.sim.push(REPO, "one", "ann", "Long", &files).await;
    pushed.expect("push");
    let (status, text) = as_text(&world, &token, PULL, "application/vnd.github.diff").await;
    assert_eq!(status, 406);
    assert!(text.contains("too_large"), "{text}");
    let before = format!("/repos/octo/demo/compare/main...{head}");
    let (_, before) = as_text(&world, &token, &before, "application/vnd.github.diff").await;
    assert_eq!(before, diff, "what it was stays what it was");
    let nothing = as_text(&world, &token, "/repos/octo/demo/compare/main...none", "x").await;
    assert_eq!(nothing.0, 404);
}

#[tokio::test]
async fn reviews_and_their_threads_are_kept_in_order() {
    let (world, token) = with_pull().await;
    let said = (Opinion::RequestChanges, "Not yet.");
    let remarks = [("README.md", 2, "Why more?")];
    let reviewed = world.sim.review(REPO, 1, "ann", said, &remarks).await;
    let id = reviewed.expect("review");
    let reviews = world.get(&format!("{PULL}/reviews"), &token).await;
    assert_eq!(reviews.body[0]["id"], id);
    assert_eq!(reviews.body[0]["state"], "CHANGES_REQUESTED");
    assert_eq!(reviews.body[0]["user"]["login"], "ann");
    let comments = world.get(&format!("{PULL}/comments"), &token).await;
    let first = &comments.body[0];
    assert_eq!(
        (&first["path"], &first["line"]),
        (&json!("README.md"), &json!(2))
    );
    assert_eq!(first["pull_request_review_id"], id);
    let replies = format!("{PULL}/comments/{}/replies", first["id"]);
    let reply = world
        .post(&replies, &token, json!({"body": "Because."}))
        .await;
    assert_eq!(reply.status, 201, "{:?}", reply.body);
    assert_eq!(reply.body["in_reply_to_id"], first["id"]);
    let of_review = format!("{PULL}/reviews/{id}/comments");
    let of_review = world.get(&of_review, &token).await;
    assert_eq!(of_review.body.as_array().map(Vec::len), Some(1));
    let answered = world.sim.answer_review(id, "ann", "I see.").await;
    let answered = answered.expect("answer");
    let comments = world.get(&format!("{PULL}/comments"), &token).await;
    let last = &comments.body[2];
    assert_eq!(
        (&last["id"], &last["in_reply_to_id"]),
        (&json!(answered), &first["id"])
    );
    let pull = world.get(PULL, &token).await;
    assert_eq!(
        (&pull.body["review_comments"], &pull.body["comments"]),
        (&json!(3), &json!(0))
    );

    let pushed = world.sim.push(REPO, "one", "ann", "More", &[("x", "y")]);
    pushed.await.expect("push");
    let comments = world.get(&format!("{PULL}/comments"), &token).await;
    assert_eq!(comments.body[0]["line"], Value::Null, "it is outdated");
    assert_eq!(comments.body[0]["original_line"], 2);
}

#[tokio::test]
async fn nobody_approves_their_own_pull_request() {
    let (world, token) = with_pull().await;
    let wish = json!({"event": "APPROVE"});
    let refused = world.post(&format!("{PULL}/reviews"), &token, wish).await;
    let words = "Can not approve your own pull request";
    assert_eq!((refused.status, refused.message()), (422, words));
    let wish = json!({"event": "COMMENT", "body": "x"});
    let made = world.post(&format!("{PULL}/reviews"), &token, wish).await;
    assert_eq!(
        (made.status, &made.body["state"]),
        (200, &json!("COMMENTED"))
    );
    let path = format!("{PULL}/reviews");
    let pending = world.post(&path, &token, json!({"body": "x"})).await;
    assert_eq!(pending.status, 501);
}

#[tokio::test]
async fn files_can_be_read_with_slashes_written_either_way() {
    let (world, token) = with_pull().await;
    for path in ["dir/new.txt", "dir%2Fnew.txt"] {
        let path = format!("/repos/octo/demo/contents/{path}?ref=one");
        let found = world.get(&path, &token).await;
        assert_eq!(
            (found.status, &found.body["content"]),
            (200, &json!("bmV3Cg=="))
        );
        let (_, raw) = as_text(&world, &token, &path, "application/vnd.github.raw+json").await;
        assert_eq!(raw, "new\n");
    }
    for reference in ["heads/one", "heads%2Fone", "pull/1/head"] {
        let path = format!("/repos/octo/demo/git/ref/{reference}");
        assert_eq!(world.get(&path, &token).await.status, 200, "{reference}");
    }
    let absent = world.get("/repos/octo/demo/contents/absent", &token).await;
    assert_eq!(absent.status, 404);
}

#[tokio::test]
async fn bodies_are_rendered_for_whoever_asks() {
    let world = World::start().await;
    let token = world.full_token().await;
    let opened = world.sim.open_issue(REPO, "ann", "t", "**bold**").await;
    opened.expect("issue");
    let accept = "application/vnd.github.full+json";
    let (_, text) = as_text(&world, &token, "/repos/octo/demo/issues/1", accept).await;
    let issue: Value = serde_json::from_str(&text).expect("json");
    assert_eq!(issue["body"], "**bold**");
    let html = issue["body_html"].as_str().expect("html");
    assert!(html.contains("<strong>bold</strong>"), "{html}");
}
