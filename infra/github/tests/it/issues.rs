//! Issues, comments, reactions and labels over REST.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{REPO, World};

const COMMENTS: &str = "/repos/octo/demo/issues/1/comments";

async fn with_issue() -> (World, String) {
    let world = World::start().await;
    world
        .sim
        .open_issue(REPO, "ann", "Broken", "It *fails*.")
        .await
        .expect("issue");
    let token = world.full_token().await;
    (world, token)
}

#[tokio::test]
async fn a_comment_has_the_bot_as_author_and_can_be_edited_and_deleted() {
    let (world, token) = with_issue().await;
    let made = world.post(COMMENTS, &token, json!({"body": "hello"})).await;
    assert_eq!(made.status, 201);
    assert_eq!(made.body["user"]["login"], "tester[bot]");
    assert_eq!(made.body["user"]["type"], "Bot");
    assert_eq!(made.body["performed_via_github_app"]["slug"], "tester");
    let id = made.body["id"].as_u64().expect("id");
    assert!(
        id > u64::from(u32::MAX / 2),
        "ids do not fit 31 bits, as on GitHub"
    );
    let path = format!("/repos/octo/demo/issues/comments/{id}");
    world.advance(5);
    let edited = world
        .call(Method::PATCH, &path, &token, json!({"body": "bye"}))
        .await;
    assert_eq!((edited.status, &edited.body["body"]), (200, &json!("bye")));
    assert_ne!(edited.body["updated_at"], edited.body["created_at"]);
    assert_eq!(world.get(&path, &token).await.body["body"], "bye");
    assert_eq!(
        world
            .call(Method::DELETE, &path, &token, Value::Null)
            .await
            .status,
        204
    );
    assert_eq!(world.get(&path, &token).await.status, 404);
}

#[tokio::test]
async fn a_closed_issue_says_why_it_was_closed() {
    let (world, token) = with_issue().await;
    let path = "/repos/octo/demo/issues/1";
    assert_eq!(
        world.get(path, &token).await.body["state_reason"],
        Value::Null
    );
    for (change, reason) in [
        (json!({"state": "closed"}), "completed"),
        (json!({"state": "open"}), "reopened"),
        (
            json!({"state": "closed", "state_reason": "not_planned"}),
            "not_planned",
        ),
    ] {
        let changed = world.call(Method::PATCH, path, &token, change).await;
        assert_eq!(
            (changed.status, &changed.body["state_reason"]),
            (200, &json!(reason))
        );
    }
}

#[tokio::test]
async fn the_comment_of_a_person_cannot_be_changed_by_the_app() {
    let (world, token) = with_issue().await;
    let id = world
        .sim
        .comment(REPO, 1, "ann", "mine")
        .await
        .expect("comment");
    let path = format!("/repos/octo/demo/issues/comments/{id}");
    let edit = world
        .call(Method::PATCH, &path, &token, json!({"body": "taken"}))
        .await;
    assert_eq!(edit.status, 403);
    assert_eq!(
        world
            .call(Method::DELETE, &path, &token, Value::Null)
            .await
            .status,
        403
    );
    assert_eq!(
        world.sim.comments(REPO, 1).await.expect("comments")[0].body,
        "mine"
    );
}

#[tokio::test]
async fn a_body_has_at_most_65536_characters_and_at_least_one() {
    let (world, token) = with_issue().await;
    let fits = "ä".repeat(65_536);
    assert_eq!(
        world
            .post(COMMENTS, &token, json!({"body": fits}))
            .await
            .status,
        201
    );
    let long = world
        .post(COMMENTS, &token, json!({"body": format!("{fits}b")}))
        .await;
    assert_eq!((long.status, long.message()), (422, "Validation Failed"));
    let message = long.body["errors"][0]["message"].as_str().expect("message");
    assert!(
        message.contains("too long (maximum is 65536 characters)"),
        "{message}"
    );
    assert_eq!(
        world
            .post(COMMENTS, &token, json!({"body": "  "}))
            .await
            .status,
        422
    );
    assert_eq!(world.post(COMMENTS, &token, json!({})).await.status, 422);
    let url = format!("{}{COMMENTS}", world.sim.api_url());
    let broken = world
        .client
        .post(url)
        .bearer_auth(&token)
        .body("{")
        .send()
        .await
        .expect("answer");
    assert_eq!(broken.status(), 400);
    assert_eq!(
        world.sim.comments(REPO, 1).await.expect("comments").len(),
        1
    );
}

#[tokio::test]
async fn comments_come_in_pages_with_links_and_since_a_time() {
    let (world, token) = with_issue().await;
    for number in 1..=5 {
        world
            .sim
            .comment(REPO, 1, "ann", &format!("c{number}"))
            .await
            .expect("comment");
        world.advance(10);
    }
    let first = world.get(&format!("{COMMENTS}?per_page=2"), &token).await;
    assert_eq!(bodies(&first.body), ["c1", "c2"]);
    let link = first.header("link");
    assert!(link.contains("per_page=2&page=2>; rel=\"next\""), "{link}");
    assert!(link.contains("page=3>; rel=\"last\""), "{link}");
    let last = world
        .get(&format!("{COMMENTS}?per_page=2&page=3"), &token)
        .await;
    assert_eq!(bodies(&last.body), ["c5"]);
    assert!(last.header("link").contains("rel=\"prev\""));
    assert!(!last.header("link").contains("rel=\"next\""));
    assert!(world.get(COMMENTS, &token).await.header("link").is_empty());

    let fourth = world.sim.comments(REPO, 1).await.expect("comments")[3].created_at;
    let since = jiff::Timestamp::from_second(fourth).expect("time");
    let recent = world
        .get(&format!("{COMMENTS}?since={since}"), &token)
        .await;
    assert_eq!(bodies(&recent.body), ["c4", "c5"]);
    assert_eq!(
        world
            .get(&format!("{COMMENTS}?since=soon"), &token)
            .await
            .status,
        422
    );
}

fn bodies(list: &Value) -> Vec<&str> {
    list.as_array()
        .expect("list")
        .iter()
        .filter_map(|one| one["body"].as_str())
        .collect()
}

#[tokio::test]
async fn a_reaction_is_new_once() {
    let (world, token) = with_issue().await;
    let id = world
        .sim
        .comment(REPO, 1, "ann", "hi")
        .await
        .expect("comment");
    for path in [
        format!("/repos/octo/demo/issues/comments/{id}/reactions"),
        "/repos/octo/demo/issues/1/reactions".to_owned(),
    ] {
        let first = world.post(&path, &token, json!({"content": "eyes"})).await;
        let second = world.post(&path, &token, json!({"content": "eyes"})).await;
        assert_eq!((first.status, second.status), (201, 200), "{path}");
        assert_eq!(first.body["id"], second.body["id"]);
        let unknown = world.post(&path, &token, json!({"content": "wave"})).await;
        assert_eq!(unknown.status, 422);
        assert_eq!(
            world
                .get(&path, &token)
                .await
                .body
                .as_array()
                .expect("list")
                .len(),
            1
        );
        let one = format!("{path}/{}", first.body["id"]);
        assert_eq!(
            world
                .call(Method::DELETE, &one, &token, Value::Null)
                .await
                .status,
            204
        );
        assert_eq!(
            world
                .call(Method::DELETE, &one, &token, Value::Null)
                .await
                .status,
            404
        );
    }
    assert!(world.sim.reactions(id).await.expect("reactions").is_empty());
}

#[tokio::test]
async fn labels_are_put_on_and_taken_off() {
    let (world, token) = with_issue().await;
    let path = "/repos/octo/demo/issues/1/labels";
    let added = world
        .post(path, &token, json!({"labels": ["bug", "bot:implement"]}))
        .await;
    assert_eq!(added.body.as_array().expect("list").len(), 2);
    assert_eq!(
        world
            .post(path, &token, json!(["bug"]))
            .await
            .body
            .as_array()
            .expect("list")
            .len(),
        2
    );
    let one = format!("{path}/bot:implement");
    let removed = world.call(Method::DELETE, &one, &token, Value::Null).await;
    assert_eq!(
        (removed.status, &removed.body[0]["name"]),
        (200, &json!("bug"))
    );
    assert_eq!(
        world
            .call(Method::DELETE, &one, &token, Value::Null)
            .await
            .status,
        404
    );
    assert_eq!(
        world.sim.issue(REPO, 1).await.expect("issue").labels,
        ["bug"]
    );
}

#[tokio::test]
async fn an_issue_is_opened_and_closed_by_the_app() {
    let (world, token) = with_issue().await;
    let made = world
        .post(
            "/repos/octo/demo/issues",
            &token,
            json!({"title": "Second"}),
        )
        .await;
    assert_eq!((made.status, &made.body["number"]), (201, &json!(2)));
    let path = "/repos/octo/demo/issues/2";
    let closed = world
        .call(Method::PATCH, path, &token, json!({"state": "closed"}))
        .await;
    assert_eq!(closed.body["state"], "closed");
    assert!(closed.body["closed_at"].is_string());
    let wrong = world
        .call(Method::PATCH, path, &token, json!({"state": "asleep"}))
        .await;
    assert_eq!(wrong.status, 422);
    assert_eq!(
        world.get("/repos/octo/demo/issues/x", &token).await.status,
        404
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_comments_at_once_are_all_kept_and_announced_once() {
    const MANY: usize = 40;
    let (world, token) = with_issue().await;
    let posts = (0..MANY).map(|number| {
        let body = json!({"body": format!("c{number}")});
        world.post(COMMENTS, &token, body)
    });
    let answers = futures_util::future::join_all(posts).await;
    assert!(answers.iter().all(|answer| answer.status == 201));
    assert_eq!(
        world.sim.comments(REPO, 1).await.expect("comments").len(),
        MANY
    );
    let deliveries = world.sim.deliveries().await.expect("deliveries");
    assert_eq!(
        deliveries
            .iter()
            .filter(|one| one.event == "issue_comment")
            .count(),
        MANY
    );
    assert_eq!(world.sim.issues(REPO).await.expect("issues").len(), 1);
    assert_eq!(
        world.sim.repositories().await.expect("repositories"),
        [REPO]
    );
}
