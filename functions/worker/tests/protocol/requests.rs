//! Requests that are wrong whatever they ask for.

use axum::body::Body;
use contract::{Slug, worker::REQUEST_LIMIT};
use http::{Method, Request, header};
use serde_json::{Value, json};
use testkit::IMPLEMENT;

use crate::support::{World, post};

/// A document of exactly `size` bytes that ends the job.
fn sized(world: &World, size: usize) -> String {
    let end = world.body("finish").to_string();
    let padded = format!("{end}{}", " ".repeat(size - end.len()));
    assert_eq!(padded.len(), size);
    padded
}

#[tokio::test(flavor = "multi_thread")]
async fn the_largest_body_is_taken_and_one_byte_more_is_not() {
    let world = World::start(IMPLEMENT).await;
    let held = world.lease("first").await;
    let before = world.now().await;
    let path = world.path("finish");
    let beyond = post(&path, &held.token, sized(&world, REQUEST_LIMIT + 1));
    let answer = world.send(beyond).await;
    let problem = answer.is_problem(413, &Slug::TOO_LARGE);
    assert!(problem.detail.contains(&REQUEST_LIMIT.to_string()));
    assert_eq!(world.now().await, before);
    let largest = post(&path, &held.token, sized(&world, REQUEST_LIMIT));
    world.send(largest).await.is_done();
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_make_no_sense_are_refused() {
    let world = World::start(IMPLEMENT).await;
    let held = world.lease("first").await;
    let before = world.now().await;
    let bodies: [(&str, &[u8]); 10] = [
        ("finish", b""),
        ("finish", b"{"),
        ("finish", b"null"),
        ("finish", b"\xff\xfe"),
        ("finish", b"{\"outcome\":\"succeeded\"}"),
        ("finish", b"{\"outcome\":{\"outcome\":\"triumph\"}}"),
        (
            "finish",
            b"{\"outcome\":{\"outcome\":\"cancelled\"},\"spent\":{\"cost\":-1}}",
        ),
        ("events", b"[]"),
        ("events", b"{\"first\":-1,\"events\":[]}"),
        ("events", b"{\"first\":0}"),
    ];
    for (call, body) in bodies {
        let request = post(&world.path(call), &held.token, body.to_vec());
        let answer = world.send(request).await;
        answer.is_problem(400, &Slug::INVALID_REQUEST);
    }
    let claim = world.claim_token();
    for daemon in [
        json!(null),
        json!(7),
        json!(""),
        json!("a b"),
        json!("x".repeat(1_000)),
    ] {
        let answer = world
            .call("claim", &claim, &json!({ "daemon": daemon }))
            .await;
        answer.is_problem(400, &Slug::INVALID_REQUEST);
    }
    assert_eq!(world.now().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_must_say_that_it_is_json() {
    let world = World::start(IMPLEMENT).await;
    let held = world.lease("first").await;
    for kind in [
        None,
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
    ] {
        let body = world.body("finish").to_string();
        let mut request = post(&world.path("finish"), &held.token, body);
        request.headers_mut().remove(header::CONTENT_TYPE);
        if let Some(kind) = kind {
            let kind = kind.parse().unwrap();
            request.headers_mut().insert(header::CONTENT_TYPE, kind);
        }
        let answer = world.send(request).await;
        answer.is_problem(400, &Slug::INVALID_REQUEST);
    }
    assert!(world.now().await.finished().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_a_problem_too() {
    let world = World::start(IMPLEMENT).await;
    let token = world.claim_token();
    let job = world.run.job().to_string();
    // A daemon drops the message of a job that is not there, and must not do so because its address is wrong.
    for (slug, path) in [
        (Slug::ROUTE_NOT_FOUND, "/".to_owned()),
        (Slug::ROUTE_NOT_FOUND, "/worker/v1".to_owned()),
        (Slug::ROUTE_NOT_FOUND, format!("/worker/v1/jobs/{job}")),
        (
            Slug::ROUTE_NOT_FOUND,
            format!("/worker/v1/jobs/{job}/steal"),
        ),
        (
            Slug::ROUTE_NOT_FOUND,
            format!("/worker/v1/jobs/{job}/claim/"),
        ),
        (
            Slug::ROUTE_NOT_FOUND,
            format!("/worker/v2/jobs/{job}/claim"),
        ),
        (Slug::NOT_FOUND, "/worker/v1/jobs/../claim".to_owned()),
        (Slug::NOT_FOUND, "/worker/v1/jobs/7/claim".to_owned()),
        (Slug::NOT_FOUND, "/worker/v1/jobs/%ff/claim".to_owned()),
        (
            Slug::NOT_FOUND,
            format!("/worker/v1/jobs/{}/claim", job.replace("job_", "run_")),
        ),
    ] {
        let request = post(&path, &token, world.body("claim").to_string());
        let answer = world.send(request).await;
        answer.is_problem(404, &slug);
    }
    assert_eq!(world.now().await, world.run);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_right_method_applies() {
    let world = World::start(IMPLEMENT).await;
    let token = world.claim_token();
    let claim = world.path("claim");
    for (method, path) in [
        (Method::GET, claim.as_str()),
        (Method::PUT, &claim),
        (Method::DELETE, &claim),
        (Method::POST, "/health"),
    ] {
        let mut request = post(path, &token, world.body("claim").to_string());
        *request.method_mut() = method;
        let answer = world.send(request).await;
        answer.is_problem(405, &Slug::METHOD_NOT_ALLOWED);
        assert!(answer.headers.contains_key(header::ALLOW));
    }
    assert_eq!(world.now().await, world.run);
}

#[tokio::test(flavor = "multi_thread")]
async fn health_looks_at_nothing() {
    let world = World::start(IMPLEMENT).await;
    world.endpoints.forget_calls();
    let request = Request::get("/health").body(Body::empty()).unwrap();
    let health: Value = world.send(request).await.ok();
    assert_eq!(health, json!({ "status": "ok" }));
    assert!(world.endpoints.calls().is_empty());
}
