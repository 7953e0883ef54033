//! Who may ask at all.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use reqwest::Method;
use serde_json::{Value, json};
use switchyard_simgithub::{SimGitHub, StartError};

use crate::support::{APP, NOW, REPO, World, config, jwt};

#[tokio::test]
async fn a_good_jwt_is_let_in_by_client_id_and_by_app_id() {
    let world = World::start().await;
    let answer = world.get("/app", &world.jwt()).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body["slug"], "tester");
    for issuer in [json!(APP), json!(APP.to_string())] {
        let token = jwt(&json!({"iss": issuer, "iat": NOW, "exp": NOW + 600}));
        assert_eq!(world.get("/app", &token).await.status, 200, "{issuer}");
    }
}

#[tokio::test]
async fn each_flaw_of_a_jwt_is_refused_with_401() {
    let world = World::start().await;
    let flaws = [
        (
            "wrong issuer",
            json!({"iss": "other", "iat": NOW, "exp": NOW + 60}),
        ),
        (
            "from the future",
            json!({"iss": APP, "iat": NOW + 61, "exp": NOW + 120}),
        ),
        ("past", json!({"iss": APP, "iat": NOW - 600, "exp": NOW})),
        (
            "too long",
            json!({"iss": APP, "iat": NOW, "exp": NOW + 601}),
        ),
        ("no issuer", json!({"iat": NOW, "exp": NOW + 60})),
    ];
    for (flaw, claims) in flaws {
        let answer = world.get("/app", &jwt(&claims)).await;
        assert_eq!(answer.status, 401, "{flaw}");
        assert!(answer.body["documentation_url"].is_string(), "{flaw}");
    }
    let good = world.jwt();
    let (signed, _) = good.rsplit_once('.').expect("parts");
    let other = jwt(&json!({"iss": APP, "iat": NOW, "exp": NOW + 61}));
    let (_, foreign) = other.rsplit_once('.').expect("parts");
    for forged in [
        format!("{signed}.{foreign}"),
        format!("{signed}."),
        "a.b.c".to_owned(),
    ] {
        assert_eq!(world.get("/app", &forged).await.status, 401, "{forged}");
    }
    assert_eq!(world.get("/app", "").await.status, 401);
    let token = world.full_token().await;
    assert_eq!(world.get("/app", &token).await.status, 401);
}

#[tokio::test]
async fn every_form_of_the_apps_key_works_and_others_are_refused() {
    let keys = [
        include_str!("../keys/pkcs8.pem"),
        include_str!("../keys/spki.pem"),
        include_str!("../keys/pkcs1-public.pem"),
    ];
    let directory = tempfile::tempdir().expect("directory");
    let time = Arc::new(AtomicI64::new(NOW));
    for key in keys {
        let mut config = config(directory.path(), &time);
        key.clone_into(&mut config.app.key_pem);
        let sim = SimGitHub::start(config).await.expect("start");
        let response = crate::support::client()
            .get(format!("{}/app", sim.api_url()))
            .bearer_auth(jwt(&json!({"iss": APP, "iat": NOW, "exp": NOW + 60})))
            .send()
            .await
            .expect("an answer");
        assert_eq!(response.status(), 200, "{key}");
        sim.shutdown().await;
    }
    for key in [
        "",
        "-----BEGIN EC KEY-----\nAAAA\n-----END EC KEY-----",
        "-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----",
    ] {
        let mut config = config(directory.path(), &time);
        key.clone_into(&mut config.app.key_pem);
        assert!(
            matches!(SimGitHub::start(config).await, Err(StartError::Key(_))),
            "{key}"
        );
    }
}

#[tokio::test]
async fn a_token_is_minted_within_the_grant_and_refused_outside_it() {
    let world = World::start().await;
    let id = world.installation().await;
    let path = format!("/app/installations/{id}/access_tokens");
    let wish =
        json!({"repositories": ["demo"], "permissions": {"issues": "write", "contents": "read"}});
    let answer = world.post(&path, &world.jwt(), wish).await;
    assert_eq!(answer.status, 201, "{:?}", answer.body);
    let token = answer.body["token"].as_str().expect("token").to_owned();
    assert!(
        token.starts_with(&format!("ghs_{APP}_")) && token.len() > 100,
        "{token}"
    );
    assert_eq!(answer.body["repository_selection"], "selected");
    assert_eq!(answer.body["repositories"][0]["full_name"], REPO);
    assert_eq!(answer.body["permissions"]["metadata"], "read");
    assert_eq!(answer.body["expires_at"], "2026-09-21T15:13:20Z");
    assert_eq!(world.get("/repos/octo/demo", &token).await.status, 200);
    assert_eq!(
        world.get("/installation/repositories", &token).await.body["total_count"],
        1
    );

    let everything = world.post(&path, &world.jwt(), Value::Null).await;
    assert_eq!(everything.body["repository_selection"], "all");
    assert!(everything.body["repositories"].is_null());

    for wish in [
        json!({"repositories": ["absent"]}),
        json!({"repository_ids": [1]}),
        json!({"permissions": {"administration": "read"}}),
        json!({"permissions": {"metadata": "write"}}),
        json!({"permissions": {"issues": "admin"}}),
    ] {
        assert_eq!(
            world.post(&path, &world.jwt(), wish.clone()).await.status,
            422,
            "{wish}"
        );
    }
    let unknown = "/app/installations/1/access_tokens";
    assert_eq!(
        world.post(unknown, &world.jwt(), Value::Null).await.status,
        404
    );
    assert_eq!(world.post(&path, &token, Value::Null).await.status, 401);
    assert_eq!(world.sim.tokens_minted().await.expect("tokens").len(), 2);
}

#[tokio::test]
async fn what_is_empty_counts_as_left_out_when_a_token_is_minted() {
    let world = World::start().await;
    let id = world.installation().await;
    let path = format!("/app/installations/{id}/access_tokens");
    let everything = world.post(&path, &world.jwt(), Value::Null).await;
    for wish in [
        json!({"permissions": {}}),
        json!({"repositories": []}),
        json!({"repository_ids": [], "permissions": {}}),
    ] {
        let answer = world.post(&path, &world.jwt(), wish.clone()).await;
        assert_eq!(answer.status, 201, "{wish}");
        assert_eq!(answer.body["permissions"], everything.body["permissions"]);
        assert_eq!(answer.body["repository_selection"], "all", "{wish}");
    }
    let many: Vec<u64> = (0..501).collect();
    let answer = world
        .post(&path, &world.jwt(), json!({"repository_ids": many}))
        .await;
    assert_eq!(answer.status, 422);
}

#[tokio::test]
async fn a_token_that_was_given_back_is_dead_everywhere_at_once() {
    let world = World::start().await;
    let token = world.token(&[("contents", "write")]).await;
    let refs = format!(
        "{}octo/demo.git/info/refs?service=git-upload-pack",
        world.sim.git_url()
    );
    let fetch = || {
        let request = world
            .client
            .get(&refs)
            .basic_auth("x-access-token", Some(&token));
        async { request.send().await.expect("answer").status().as_u16() }
    };
    assert_eq!(fetch().await, 200);
    let revoke = async || {
        world
            .call(Method::DELETE, "/installation/token", &token, Value::Null)
            .await
            .status
    };
    assert_eq!(revoke().await, 204);
    assert_eq!(fetch().await, 401);
    assert_eq!(revoke().await, 401, "a second time it is unknown");
}

#[tokio::test]
async fn a_token_ends_after_an_hour_or_when_it_is_given_back() {
    let world = World::start().await;
    let token = world.full_token().await;
    world.advance(3_599);
    assert_eq!(world.get("/repos/octo/demo", &token).await.status, 200);
    world.advance(1);
    let answer = world.get("/repos/octo/demo", &token).await;
    assert_eq!((answer.status, answer.message()), (401, "Bad credentials"));

    let token = world.full_token().await;
    let revoked = world
        .call(Method::DELETE, "/installation/token", &token, Value::Null)
        .await;
    assert_eq!(revoked.status, 204);
    assert_eq!(world.get("/repos/octo/demo", &token).await.status, 401);
    assert_eq!(world.get("/repos/octo/demo", "ghs_never").await.status, 401);
    assert!(world.sim.tokens_minted().await.expect("tokens")[1].revoked);
}

#[tokio::test]
async fn tokens_are_kept_neither_in_the_state_nor_in_the_log() {
    let world = World::start().await;
    let token = world.full_token().await;
    world.get("/repos/octo/demo", &token).await;
    assert!(!format!("{:?}", world.sim.requests()).contains(&token));
    let part = &token.as_bytes()[token.len() - 40..];
    for entry in std::fs::read_dir(world.directory.path()).expect("directory") {
        let path = entry.expect("entry").path();
        if path.is_file() {
            let bytes = std::fs::read(&path).expect("file");
            assert!(
                !bytes.windows(part.len()).any(|window| window == part),
                "{path:?}"
            );
        }
    }
}

#[tokio::test]
async fn every_answer_has_its_headers_and_a_client_must_name_itself() {
    let world = World::start().await;
    let token = world.full_token().await;
    let first = world.get("/repos/octo/demo", &token).await;
    let second = world.get("/nowhere", &token).await;
    assert_eq!((second.status, second.message()), (404, "Not Found"));
    assert_eq!(first.header("x-ratelimit-remaining"), "4999");
    assert_eq!(second.header("x-ratelimit-remaining"), "4998");
    assert!(!first.header("x-github-request-id").is_empty());
    assert_eq!(
        world.get("/rate_limit", &token).await.body["rate"]["used"],
        2
    );

    let url = format!("{}/rate_limit", world.sim.api_url());
    let anonymous = world
        .client
        .get(url)
        .header("user-agent", "")
        .send()
        .await
        .expect("answer");
    assert_eq!(anonymous.status(), 403);
    let refused = world.get("/app", "ghs_wrong").await;
    assert_eq!(refused.status, 401);
    assert!(!refused.header("x-ratelimit-reset").is_empty());
}

#[tokio::test]
async fn the_hourly_limit_is_kept_and_ends() {
    let directory = tempfile::tempdir().expect("directory");
    let time = Arc::new(AtomicI64::new(NOW));
    let mut config = config(directory.path(), &time);
    config.hourly_limit = 1;
    let sim = SimGitHub::start(config).await.expect("start");
    let world = World {
        sim,
        client: crate::support::client(),
        time,
        directory,
    };
    assert_eq!(world.get("/app", &world.jwt()).await.status, 200);
    let refused = world.get("/app", &world.jwt()).await;
    assert_eq!(
        (refused.status, refused.header("x-ratelimit-remaining")),
        (403, "0")
    );
    world.advance(3_600);
    assert_eq!(world.get("/app", &world.jwt()).await.status, 200);
}
