//! Registering an app from a manifest, and changing where its webhooks go.

use reqwest::{Method, redirect::Policy};
use serde_json::{Value, json};
use switchyard_simgithub::sign_sha256;

use crate::support::{REPO, Receiver, World};

fn manifest(hook: &url::Url) -> Value {
    json!({
        "name": "switchyard-test",
        "url": "https://example.com",
        "hook_attributes": {"url": hook.as_str(), "active": true},
        "redirect_url": "http://127.0.0.1:1/registered",
        "public": false,
        "default_permissions": {"issues": "write", "metadata": "read"},
        "default_events": ["issues"],
    })
}

/// Hands a manifest over as a browser does, and gives the answer's status and where it leads.
async fn hand_over(world: &World, path: &str, manifest: &Value) -> (u16, String) {
    let client = browser();
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("manifest", &manifest.to_string())
        .finish();
    let answer = client
        .post(world.sim.base_url().join(path).expect("url"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form)
        .send()
        .await
        .expect("an answer");
    let location = answer.headers().get("location");
    let location = location.map(|value| value.to_str().expect("text").to_owned());
    (answer.status().as_u16(), location.unwrap_or_default())
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests speak to the simulation directly"
)]
fn browser() -> reqwest::Client {
    let builder = reqwest::Client::builder().redirect(Policy::none());
    builder.no_proxy().build().expect("client")
}

async fn code(world: &World, hook: &url::Url) -> String {
    let path = "/organizations/octo/settings/apps/new?state=s%201";
    let (status, location) = hand_over(world, path, &manifest(hook)).await;
    assert_eq!(status, 303);
    let (code, state) = location
        .strip_prefix("http://127.0.0.1:1/registered?code=")
        .and_then(|rest| rest.split_once("&state="))
        .expect("a code and the state");
    assert_eq!(state, "s+1");
    code.to_owned()
}

#[tokio::test]
async fn a_manifest_is_exchanged_once_for_an_app_that_works() {
    let (world, receiver) = (World::start().await, Receiver::start().await);
    let path = format!(
        "/app-manifests/{}/conversions",
        code(&world, &receiver.url).await
    );
    let app = world.post(&path, "", Value::Null).await;
    assert_eq!(app.status, 201);
    assert_eq!(app.body["name"], "switchyard-test");
    assert_eq!(app.body["owner"]["login"], "octo");
    assert_eq!(app.body["permissions"]["issues"], "write");
    assert_eq!(app.body["events"], json!(["issues"]));
    let pem = app.body["pem"].as_str().expect("a key");
    assert!(pem.starts_with("-----BEGIN RSA PRIVATE KEY-----"));
    assert_eq!(world.post(&path, "", Value::Null).await.status, 404);

    let shown = world.get("/app", &world.jwt()).await;
    assert_eq!(shown.body["id"], app.body["id"]);
    assert_eq!(shown.body["events"], json!(["issues"]));
    world
        .sim
        .open_issue(REPO, "ann", "one", "two")
        .await
        .expect("issue");
    let sent = receiver.wait("issues", 1).await;
    let secret = app.body["webhook_secret"].as_str().expect("a secret");
    assert_eq!(
        sent[0].header("x-hub-signature-256"),
        sign_sha256(secret.as_bytes(), &sent[0].body)
    );
}

#[tokio::test]
async fn a_code_is_good_for_an_hour() {
    let (world, receiver) = (World::start().await, Receiver::start().await);
    let late = format!(
        "/app-manifests/{}/conversions",
        code(&world, &receiver.url).await
    );
    world.advance(3_600);
    assert_eq!(world.post(&late, "", Value::Null).await.status, 404);
    let unknown = world.post("/app-manifests/none/conversions", "", Value::Null);
    assert_eq!(unknown.await.status, 404);
}

#[tokio::test]
async fn a_manifest_without_what_it_needs_is_refused() {
    let (world, receiver) = (World::start().await, Receiver::start().await);
    let mut long = manifest(&receiver.url);
    long["name"] = "x".repeat(35).into();
    let mut aimless = manifest(&receiver.url);
    aimless["redirect_url"] = Value::Null;
    for manifest in [long, aimless, json!({"name": "x"})] {
        let (status, _) = hand_over(&world, "/settings/apps/new", &manifest).await;
        assert_eq!(status, 422, "{manifest}");
    }
}

#[tokio::test]
async fn the_webhook_of_the_app_is_shown_and_changed_without_its_secret() {
    let (world, receiver) = (World::start().await, Receiver::start().await);
    let path = "/app/hook/config";
    assert_eq!(world.get(path, "").await.status, 401);
    let change =
        json!({"url": receiver.url.as_str(), "content_type": "json", "secret": "a new secret"});
    let changed = world.call(Method::PATCH, path, &world.jwt(), change).await;
    assert_eq!(changed.status, 200);
    assert_eq!(changed.body["secret"], "********");
    let shown = world.get(path, &world.jwt()).await;
    assert_eq!(shown.body["url"], receiver.url.as_str());
    assert_eq!(shown.body["content_type"], "json");
    world.sim.ping().await.expect("ping");
    let sent = receiver.wait("ping", 1).await;
    assert_eq!(
        sent[0].header("x-hub-signature-256"),
        sign_sha256(b"a new secret", &sent[0].body)
    );
    let wrong = json!({"url": "nowhere"});
    let refused = world.call(Method::PATCH, path, &world.jwt(), wrong).await;
    assert_eq!(refused.status, 422);
}
