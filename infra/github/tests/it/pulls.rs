//! Pull requests over REST.

use reqwest::Method;
use serde_json::json;

use crate::support::{Answer, REPO, World};

const PULLS: &str = "/repos/octo/demo/pulls";

async fn with_branch() -> (World, String) {
    let world = World::start().await;
    world
        .sim
        .push(
            REPO,
            "topic/one",
            "ann",
            "Fix it",
            &[("fix.txt", "fixed\n")],
        )
        .await
        .expect("push");
    let token = world.full_token().await;
    (world, token)
}

fn problem(answer: &Answer) -> String {
    let problem = &answer.body["errors"][0];
    assert_eq!(
        (answer.status, answer.message()),
        (422, "Validation Failed")
    );
    assert_eq!(problem["resource"], "PullRequest");
    format!(
        "{} {} {}",
        problem["code"], problem["field"], problem["message"]
    )
}

#[tokio::test]
async fn a_draft_is_opened_and_shown() {
    let (world, token) = with_branch().await;
    let wish =
        json!({"title": "Fix", "head": "topic/one", "base": "main", "body": "b", "draft": true});
    let made = world.post(PULLS, &token, wish).await;
    assert_eq!(made.status, 201, "{:?}", made.body);
    assert_eq!(made.body["draft"], true);
    assert_eq!(made.body["head"]["label"], "octo:topic/one");
    let head = world
        .sim
        .branch_head(REPO, "topic/one")
        .await
        .expect("head")
        .expect("branch");
    assert_eq!(made.body["head"]["sha"], head);
    let number = made.body["number"].as_u64().expect("number");
    let shown = world.get(&format!("{PULLS}/{number}"), &token).await;
    assert_eq!(
        (&shown.body["commits"], &shown.body["additions"]),
        (&json!(1), &json!(1))
    );
    let as_issue = world
        .get(&format!("/repos/octo/demo/issues/{number}"), &token)
        .await;
    assert!(as_issue.body["pull_request"]["url"].is_string());
    assert!(
        world
            .sim
            .pull(REPO, number)
            .await
            .expect("pull")
            .pull
            .expect("half")
            .draft
    );
}

#[tokio::test]
async fn each_mistake_is_told_apart() {
    let (world, token) = with_branch().await;
    let open = async |head: &str, base: &str| {
        world
            .post(
                PULLS,
                &token,
                json!({"title": "t", "head": head, "base": base}),
            )
            .await
    };
    assert_eq!(
        problem(&open("absent", "main").await),
        "\"invalid\" \"head\" null"
    );
    assert_eq!(
        problem(&open("topic/one", "absent").await),
        "\"invalid\" \"base\" null"
    );
    assert_eq!(
        problem(&open("stranger:topic/one", "main").await),
        "\"invalid\" \"head\" null"
    );
    let empty = problem(&open("main", "main").await);
    assert_eq!(
        empty,
        "\"custom\" null \"No commits between main and main\""
    );
    assert_eq!(open("octo:topic/one", "main").await.status, 201);
    let twin = problem(&open("topic/one", "main").await);
    assert_eq!(
        twin,
        "\"custom\" null \"A pull request already exists for octo:topic/one.\""
    );
    let untitled = world
        .post(PULLS, &token, json!({"head": "topic/one", "base": "main"}))
        .await;
    assert_eq!(problem(&untitled), "\"missing_field\" \"title\" null");
}

#[tokio::test]
async fn the_list_is_filtered_and_a_closed_one_makes_room() {
    let (world, token) = with_branch().await;
    let wish = json!({"title": "t", "head": "topic/one", "base": "main"});
    let first = world.post(PULLS, &token, wish.clone()).await.body["number"].clone();
    let count = async |query: &str| {
        let answer = world.get(&format!("{PULLS}{query}"), &token).await;
        answer.body.as_array().expect("list").len()
    };
    assert_eq!(count("?head=octo:topic/one").await, 1);
    assert_eq!(count("?head=octo:other").await, 0);
    assert_eq!(count("?base=other").await, 0);
    let path = format!("{PULLS}/{first}");
    let closed = world
        .call(
            Method::PATCH,
            &path,
            &token,
            json!({"state": "closed", "title": "u"}),
        )
        .await;
    assert_eq!(
        (&closed.body["state"], &closed.body["title"]),
        (&json!("closed"), &json!("u"))
    );
    assert_eq!(
        (
            count("").await,
            count("?state=closed").await,
            count("?state=all").await
        ),
        (0, 1, 1)
    );
    assert_eq!(world.post(PULLS, &token, wish).await.status, 201);
    assert_eq!(world.get(&format!("{PULLS}/99"), &token).await.status, 404);
}

#[tokio::test]
async fn a_push_moves_the_head_of_an_open_pull_request() {
    let (world, token) = with_branch().await;
    world
        .post(
            PULLS,
            &token,
            json!({"title": "t", "head": "topic/one", "base": "main"}),
        )
        .await;
    let sha = world
        .sim
        .push(REPO, "topic/one", "ann", "More", &[("more", "x")])
        .await
        .expect("push");
    let pull = world.sim.pull(REPO, 1).await.expect("pull");
    assert_eq!(pull.pull.expect("half").head_sha, sha);
    let branch = world
        .get("/repos/octo/demo/branches/topic/one", &token)
        .await;
    assert_eq!(branch.body["commit"]["sha"], sha);
    let reference = world
        .get("/repos/octo/demo/git/ref/heads/topic/one", &token)
        .await;
    assert_eq!(reference.body["object"]["sha"], sha);
    assert_eq!(
        world
            .get("/repos/octo/demo/git/ref/heads/absent", &token)
            .await
            .status,
        404
    );
}
