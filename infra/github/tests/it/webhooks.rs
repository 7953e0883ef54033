//! Webhooks as the receiver sees them.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use switchyard_simgithub::{HookContentType, SimGitHub, sign_sha256};

use crate::support::{APP, NOW, PATIENCE, REPO, Received, Receiver, SECRET, World, client, config};

async fn with_receiver() -> (World, Receiver) {
    let (world, receiver) = (World::start().await, Receiver::start().await);
    world.sim.set_webhook_url(Some(receiver.url.clone()));
    (world, receiver)
}

/// HMAC by another implementation than the one under test.
fn independent(secret: &[u8], body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("key");
    mac.update(body);
    format!("sha256={}", HEXLOWER.encode(&mac.finalize().into_bytes()))
}

fn assert_signed(webhook: &Received) {
    let signature = webhook.header("x-hub-signature-256");
    assert_eq!(signature, independent(SECRET.as_bytes(), &webhook.body));
    assert!(webhook.header("x-hub-signature").starts_with("sha1="));
}

#[test]
fn both_implementations_agree_on_the_published_vector() {
    let (secret, body) = (b"It's a Secret to Everybody", b"Hello, World!");
    let expected = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    assert_eq!(independent(secret, body), expected);
    assert_eq!(sign_sha256(secret, body), expected);
}

#[tokio::test]
async fn a_comment_of_a_person_is_announced_signed_and_whole() {
    let (world, receiver) = with_receiver().await;
    world
        .sim
        .open_issue(REPO, "ann", "Broken", "body")
        .await
        .expect("issue");
    let id = world
        .sim
        .comment(REPO, 1, "ann", "bot:implement ä")
        .await
        .expect("comment");
    let webhook = &receiver.wait("issue_comment", 1).await[0];
    assert_signed(webhook);
    assert_eq!(webhook.header("content-type"), "application/json");
    assert!(webhook.header("user-agent").starts_with("GitHub-Hookshot/"));
    assert_eq!(
        webhook.header("x-github-hook-installation-target-id"),
        APP.to_string()
    );
    assert_eq!(
        webhook.header("x-github-hook-installation-target-type"),
        "integration"
    );
    assert_eq!(webhook.header("x-github-delivery").len(), 36);
    let payload = webhook.json();
    assert_eq!(payload["action"], "created");
    assert_eq!(payload["comment"]["id"], id);
    assert_eq!(payload["comment"]["body"], "bot:implement ä");
    assert_eq!(payload["comment"]["author_association"], "NONE");
    assert_eq!(payload["issue"]["number"], 1);
    assert_eq!(payload["issue"]["state"], "open");
    assert_eq!(payload["repository"]["full_name"], REPO);
    assert_eq!(payload["repository"]["owner"]["login"], "octo");
    assert_eq!(payload["sender"]["type"], "User");
    assert_eq!(payload["installation"]["id"], world.installation().await);
}

#[tokio::test]
async fn what_the_app_does_comes_back_to_it_as_a_bot() {
    let (world, receiver) = with_receiver().await;
    world
        .sim
        .open_issue(REPO, "ann", "t", "b")
        .await
        .expect("issue");
    let token = world.full_token().await;
    let made = world
        .post(
            "/repos/octo/demo/issues/1/comments",
            &token,
            json!({"body": "a"}),
        )
        .await;
    let path = format!("/repos/octo/demo/issues/comments/{}", made.body["id"]);
    world
        .call(reqwest::Method::PATCH, &path, &token, json!({"body": "b"}))
        .await;
    world
        .call(reqwest::Method::PATCH, &path, &token, json!({"body": "b"}))
        .await;
    world
        .call(reqwest::Method::DELETE, &path, &token, Value::Null)
        .await;
    let all = receiver.wait("issue_comment", 3).await;
    let mut actions: Vec<String> = all
        .iter()
        .map(|one| one.json()["action"].as_str().expect("action").to_owned())
        .collect();
    actions.sort();
    assert_eq!(
        actions,
        ["created", "deleted", "edited"],
        "an edit without a change is silent"
    );
    for webhook in &all {
        let payload = webhook.json();
        assert_eq!(payload["sender"]["type"], "Bot");
        assert_eq!(payload["sender"]["login"], "tester[bot]");
        assert_eq!(payload["comment"]["performed_via_github_app"]["id"], APP);
        if payload["action"] == "edited" {
            assert_eq!(payload["changes"]["body"]["from"], "a");
        }
    }
}

#[tokio::test]
async fn labels_issues_pulls_and_pushes_are_announced() {
    let (world, receiver) = with_receiver().await;
    world
        .sim
        .open_issue(REPO, "ann", "t", "b")
        .await
        .expect("issue");
    world
        .sim
        .add_label(REPO, 1, "ann", "bot:implement")
        .await
        .expect("label");
    world
        .sim
        .remove_label(REPO, 1, "ann", "bot:implement")
        .await
        .expect("label");
    world.sim.close_issue(REPO, 1, "ann").await.expect("close");
    world
        .sim
        .reopen_issue(REPO, 1, "ann")
        .await
        .expect("reopen");
    let issues = receiver.wait("issues", 5).await;
    let labeled = issues
        .iter()
        .map(Received::json)
        .find(|one| one["action"] == "labeled");
    let labeled = labeled.expect("a label was announced");
    assert_eq!(labeled["label"]["name"], "bot:implement");
    assert_eq!(labeled["issue"]["labels"][0]["name"], "bot:implement");

    world
        .sim
        .push(REPO, "one", "ann", "First\n\nlong", &[("a", "1")])
        .await
        .expect("push");
    let token = world.full_token().await;
    let wish = json!({"title": "t", "head": "one", "base": "main"});
    assert_eq!(
        world
            .post("/repos/octo/demo/pulls", &token, wish)
            .await
            .status,
        201
    );
    let sha = world
        .sim
        .push(REPO, "one", "ann", "Second", &[("a", "2")])
        .await
        .expect("push");
    let pushes = receiver.wait("push", 2).await;
    assert!(pushes.iter().any(|one| one.json()["after"] == sha));
    assert!(pushes.iter().any(|one| one.json()["created"] == true
        && one.json()["head_commit"]["message"] == "First\n\nlong"));
    let pulls = receiver.wait("pull_request", 2).await;
    let synchronize = pulls
        .iter()
        .map(Received::json)
        .find(|one| one["action"] == "synchronize");
    let synchronize = synchronize.expect("the pull request moved");
    assert_eq!(synchronize["after"], sha);
    assert_eq!(synchronize["pull_request"]["head"]["sha"], sha);
}

#[tokio::test]
async fn a_failed_delivery_is_not_repeated_until_asked_and_keeps_its_guid() {
    let (world, receiver) = with_receiver().await;
    receiver.status.store(500, Ordering::SeqCst);
    world
        .sim
        .open_issue(REPO, "ann", "t", "b")
        .await
        .expect("issue");
    let guid = receiver.wait("issues", 1).await[0]
        .header("x-github-delivery")
        .to_owned();
    let failed = wait_status(&world, "issues", 1).await;
    assert_eq!(failed, ["Invalid HTTP Response: 500"]);
    receiver.status.store(200, Ordering::SeqCst);
    world.sim.redeliver(&guid).await.expect("redeliver");
    let second = &receiver.wait("issues", 2).await[1];
    assert_eq!(second.header("x-github-delivery"), guid);
    assert_signed(second);
    assert_eq!(
        wait_status(&world, "issues", 2).await,
        ["Invalid HTTP Response: 500", "OK"]
    );
    assert!(world.sim.redeliver("absent").await.is_err());
}

/// Waits until `count` deliveries of an event are answered, and gives what came of them.
async fn wait_status(world: &World, event: &str, count: usize) -> Vec<String> {
    let found = world.sim.wait_for(PATIENCE, || async {
        let all = world.sim.deliveries().await?;
        let done: Vec<String> = all
            .into_iter()
            .filter(|one| one.event == event)
            .filter_map(|one| one.status)
            .collect();
        Ok((done.len() >= count).then_some(done))
    });
    found.await.expect("deliveries in time")
}

#[tokio::test]
async fn deliveries_can_be_read_and_repeated_over_rest() {
    let (world, receiver) = with_receiver().await;
    world.sim.ping().await.expect("ping");
    world
        .sim
        .open_issue(REPO, "ann", "t", "b")
        .await
        .expect("issue");
    wait_status(&world, "issues", 1).await;
    let list = world
        .get("/app/hook/deliveries?per_page=1", &world.jwt())
        .await;
    assert_eq!(list.status, 200);
    assert!(list.header("link").contains("rel=\"next\""));
    let newest = &list.body[0];
    assert_eq!(
        (&newest["event"], &newest["status"]),
        (&json!("issues"), &json!("OK"))
    );
    assert_eq!(
        (&newest["status_code"], &newest["redelivery"]),
        (&json!(202), &json!(false))
    );
    let cursor = list
        .header("link")
        .split_once("cursor=")
        .and_then(|(_, rest)| rest.split_once('>'))
        .expect("a cursor");
    let older = format!("/app/hook/deliveries?cursor={}", cursor.0);
    let older = world.get(&older, &world.jwt()).await;
    assert_eq!(older.body[0]["event"], "ping");
    let path = format!("/app/hook/deliveries/{}", newest["id"]);
    let shown = world.get(&path, &world.jwt()).await;
    assert_eq!(shown.body["request"]["payload"]["issue"]["number"], 1);
    assert_eq!(shown.body["request"]["headers"]["x-github-event"], "issues");
    let again = world
        .post(&format!("{path}/attempts"), &world.jwt(), Value::Null)
        .await;
    assert_eq!(again.status, 202);
    let both = receiver.wait("issues", 2).await;
    assert_eq!(
        both[0].header("x-github-delivery"),
        both[1].header("x-github-delivery")
    );
    assert_eq!(
        world
            .get("/app/hook/deliveries", &world.full_token().await)
            .await
            .status,
        401
    );
    let absent = world
        .post("/app/hook/deliveries/1/attempts", &world.jwt(), Value::Null)
        .await;
    assert_eq!(absent.status, 404);
}

#[tokio::test]
async fn what_happens_while_there_is_no_address_is_not_sent_later() {
    let (world, receiver) = (World::start().await, Receiver::start().await);
    let opened = world.sim.open_issue(REPO, "ann", "t", "b").await;
    opened.expect("issue");
    world.sim.set_webhook_url(Some(receiver.url.clone()));
    world
        .sim
        .comment(REPO, 1, "ann", "c")
        .await
        .expect("comment");
    receiver.wait("issue_comment", 1).await;
    assert!(receiver.wait("issues", 0).await.is_empty());
    let list = world.get("/app/hook/deliveries", &world.jwt()).await;
    let events: Vec<&Value> = list.body.as_array().expect("a list").iter().collect();
    assert!(events.iter().all(|one| one["event"] == "issue_comment"));
    let kept = world.sim.deliveries().await.expect("deliveries");
    let silent = kept.iter().find(|one| one.event == "issues");
    let silent = silent.expect("it can still be looked at");
    assert_eq!(silent.status.as_deref(), Some("inactive"));
    let path = format!("/app/hook/deliveries/{}", silent.id);
    assert_eq!(world.get(&path, &world.jwt()).await.status, 404);
}

#[tokio::test]
async fn what_nobody_listened_to_is_in_the_list_of_failures_for_three_days() {
    let world = World::start().await;
    let nobody = "http://127.0.0.1:1/".parse().expect("url");
    world.sim.set_webhook_url(Some(nobody));
    let opened = world.sim.open_issue(REPO, "ann", "t", "b").await;
    opened.expect("issue");
    wait_status(&world, "issues", 1).await;
    let receiver = Receiver::start().await;
    world.sim.set_webhook_url(Some(receiver.url.clone()));
    world
        .sim
        .comment(REPO, 1, "ann", "c")
        .await
        .expect("comment");
    receiver.wait("issue_comment", 1).await;
    wait_status(&world, "issue_comment", 1).await;
    assert!(
        receiver.wait("issues", 0).await.is_empty(),
        "nobody sends it again"
    );

    let failures = "/app/hook/deliveries?status=failure";
    let list = world.get(failures, &world.jwt()).await;
    assert_eq!(list.body.as_array().map(Vec::len), Some(1));
    let failed = &list.body[0];
    assert_eq!(
        (&failed["event"], &failed["status_code"]),
        (&json!("issues"), &json!(502))
    );
    assert_eq!(failed["status"], "failed to connect to host");
    let good = world
        .get("/app/hook/deliveries?status=success", &world.jwt())
        .await;
    assert_eq!(good.body.as_array().map(Vec::len), Some(1));
    for wrong in ["status=lost", "cursor=12", "cursor=v1_x"] {
        let path = format!("/app/hook/deliveries?{wrong}");
        assert_eq!(world.get(&path, &world.jwt()).await.status, 422, "{wrong}");
    }

    let attempts = format!("/app/hook/deliveries/{}/attempts", failed["id"]);
    let again = world.post(&attempts, &world.jwt(), Value::Null).await;
    assert_eq!(again.status, 202);
    let came = &receiver.wait("issues", 1).await[0];
    assert_eq!(json!(came.header("x-github-delivery")), failed["guid"]);

    world.advance(3 * 24 * 3_600 + 1);
    let list = world.get(failures, &world.jwt()).await;
    assert_eq!(list.body, json!([]));
    assert_eq!(
        world
            .post(&attempts, &world.jwt(), Value::Null)
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn webhooks_can_be_forms() {
    let (world, receiver) = with_receiver().await;
    world.sim.set_content_type(HookContentType::Form);
    world.sim.set_webhook_secret("another".into());
    let guid = world.sim.ping().await.expect("ping");
    let ping = &receiver.wait("ping", 1).await[0];
    assert_eq!(ping.header("x-github-delivery"), guid);
    assert_eq!(
        ping.header("content-type"),
        "application/x-www-form-urlencoded"
    );
    assert_eq!(
        ping.header("x-hub-signature-256"),
        independent(b"another", &ping.body)
    );
    let (name, value) = form_urlencoded::parse(&ping.body).next().expect("a field");
    assert_eq!(name, "payload");
    let payload: Value = serde_json::from_str(&value).expect("json");
    assert_eq!(payload["hook"]["app_id"], APP);
}

#[tokio::test]
async fn a_receiver_that_is_not_there_is_recorded() {
    let world = World::start().await;
    world
        .sim
        .set_webhook_url(Some("http://127.0.0.1:1/".parse().expect("url")));
    world.sim.ping().await.expect("ping");
    assert_eq!(
        wait_status(&world, "ping", 1).await,
        ["failed to connect to host"]
    );
}

#[tokio::test]
async fn a_receiver_that_does_not_answer_in_time_is_recorded() {
    let directory = tempfile::tempdir().expect("directory");
    let time = Arc::new(AtomicI64::new(NOW));
    let mut config = config(directory.path(), &time);
    config.webhook_timeout = Duration::from_millis(20);
    // It accepts connections into its backlog and never says a word.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("listen");
    let url = format!("http://{}/", silent.local_addr().expect("address"));
    config.app.webhook_url = Some(url.parse().expect("url"));
    let sim = SimGitHub::start(config).await.expect("start");
    let world = World {
        sim,
        client: client(),
        time,
        directory,
    };
    world.sim.ping().await.expect("ping");
    assert_eq!(wait_status(&world, "ping", 1).await, ["timed out"]);
}

#[tokio::test]
async fn a_busy_sender_sends_everything_exactly_once() {
    const MANY: usize = 60;
    let (world, receiver) = with_receiver().await;
    world
        .sim
        .open_issue(REPO, "ann", "t", "b")
        .await
        .expect("issue");
    for number in 0..MANY {
        world
            .sim
            .comment(REPO, 1, "ann", &format!("c{number}"))
            .await
            .expect("comment");
    }
    wait_status(&world, "issue_comment", MANY).await;
    let all = receiver.wait("issue_comment", MANY).await;
    let guids: BTreeSet<&str> = all
        .iter()
        .map(|one| one.header("x-github-delivery"))
        .collect();
    assert_eq!((all.len(), guids.len()), (MANY, MANY));
}
