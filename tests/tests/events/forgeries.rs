//! Whoever cannot prove who they are costs next to no log, however often they call.

use std::{fs::File, sync::Arc};

use axum::{Router, body::Body};
use domain::ManualClock;
use jiff::SignedDuration;
use kit::Boundary;
use lambda_http::http::{Request, StatusCode};
use serde_json::Value;
use telemetry::{Output, Setup};
use tower::ServiceExt;
use tracing::{Instrument as _, info_span};

use crate::{
    webhook::router_at,
    world::{World, random},
};

const FORGERIES: u64 = 10_000;
/// The most bytes of log that so many may leave.
const LOG: usize = 16_384;

/// A request of somebody who guesses.
fn forged(path: &str) -> Request<Body> {
    Request::post(path)
        .header("content-type", "application/json")
        .header("authorization", "Bearer guessed")
        .header("x-github-event", "issues")
        .header("x-github-delivery", "0f0d0c0b-c5f8-11f0-8de9-0242ac120002")
        .header("x-hub-signature-256", format!("sha256={}", "0".repeat(64)))
        .body(Body::from("{}"))
        .unwrap()
}

async fn floods(router: &Router, flood: &'static str, path: &str, expected: StatusCode) {
    for _ in 0..FORGERIES {
        let call = router.clone().oneshot(forged(path));
        let answer = call.instrument(info_span!("flood", flood)).await.unwrap();
        assert_eq!(answer.status(), expected, "{path}");
    }
}

/// What a flood has left in the log: how many bytes, and how many requests are counted there.
fn left(log: &str, flood: &str) -> (usize, u64) {
    let lines = log.lines().map(|line| (line, parsed(line)));
    let own: Vec<_> = lines.filter(|(_, line)| line["flood"] == flood).collect();
    let count = |line: &Value| {
        assert_eq!(line["requests"], line["CallsRefused"], "{line}");
        line["CallsRefused"].as_u64().unwrap()
    };
    (
        own.iter().map(|(text, _)| text.len() + 1).sum(),
        own.iter().map(|(_, line)| count(line)).sum(),
    )
}

fn parsed(line: &str) -> Value {
    serde_json::from_str(line).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_of_each_kind_leave_a_few_lines_and_their_number() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::start().await);
    let path = folder.path().join("log");
    let output = Output::File(File::create(&path).unwrap());
    let setup = Setup::json("test", "test", output);
    setup.start();
    let clock = Arc::new(ManualClock::default());
    let webhook = router_at(&world, clock.clone());
    let worker = worker::connect(&world.settings(), &world.aws, clock.clone(), random()).unwrap();
    let worker = worker::router(worker, Boundary::new(clock.clone(), random()));

    let refused = StatusCode::UNAUTHORIZED;
    let heartbeat = "/worker/v1/jobs/job_06gzgsggx1wvb0ehv1abpwc008/heartbeat";
    floods(&webhook, "signatures", "/webhooks/github", refused).await;
    floods(&webhook, "paths", "/.env", StatusCode::NOT_FOUND).await;
    floods(&worker, "tokens", heartbeat, refused).await;
    floods(
        &worker,
        "jobs",
        "/worker/v1/jobs/../heartbeat",
        StatusCode::NOT_FOUND,
    )
    .await;
    let log = std::fs::read_to_string(&path).unwrap();
    for flood in ["signatures", "paths", "tokens", "jobs"] {
        let (bytes, counted) = left(&log, flood);
        assert!(bytes <= LOG, "{flood}: {bytes} bytes for {FORGERIES}");
        assert!(
            counted > FORGERIES - 1_000,
            "{flood}: {counted} are counted"
        );
    }

    // The first request after a minute tells of the rest.
    clock.advance(SignedDuration::from_mins(1));
    for router in [&webhook, &worker] {
        let call = router.clone().oneshot(forged("/.env"));
        call.await.unwrap();
    }
    let rest = std::fs::read_to_string(&path).unwrap();
    let rest: Vec<Value> = rest[log.len()..].lines().map(parsed).collect();
    for (reason, flood) in [
        ("wrong signature", "signatures"),
        ("no token for this", "tokens"),
    ] {
        let of = |line: &&Value| line["Reason"] == reason;
        let late: u64 = rest
            .iter()
            .filter(of)
            .filter_map(|line| line["CallsRefused"].as_u64())
            .sum();
        assert_eq!(left(&log, flood).1 + late, FORGERIES, "{flood}: {rest:#?}");
    }
}
