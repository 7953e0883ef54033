//! What a completed router answers.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::{sync::Arc, time::Duration};

use axum::{Router, body::Body, response::IntoResponse as _, routing::get};
use contract::{Problem, Slug};
use domain::SystemClock;
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use switchyard_kit::{ProblemResponse, problem, telemetry::Sampler};
use tower::ServiceExt as _;

async fn read(response: Response<Body>) -> Problem {
    let (parts, body) = response.into_parts();
    assert_eq!(parts.headers["content-type"], "application/problem+json");
    assert_eq!(parts.headers["cache-control"], "no-store");
    let bytes = body.collect().await.unwrap().to_bytes();
    let problem: Problem = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(parts.status.as_u16(), problem.status);
    problem
}

#[tokio::test]
async fn whatever_goes_wrong_is_a_problem_without_internals() {
    async fn broken() -> StatusCode {
        panic!("password hunter2")
    }
    let strangers = Sampler::new(Arc::new(SystemClock));
    let router = problem::complete(Router::new().route("/broken", get(broken)), strangers);
    let call = |method: &str, path: &str| {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .body(Body::empty())
            .unwrap();
        router.clone().oneshot(request)
    };
    assert_eq!(
        read(call("GET", "/x").await.unwrap()).await.code,
        Slug::NOT_FOUND
    );
    let wrong = call("POST", "/broken").await.unwrap();
    assert_eq!(wrong.headers()["allow"], "GET,HEAD");
    assert_eq!(read(wrong).await.code.as_str(), "method-not-allowed");
    let problem = read(call("GET", "/broken").await.unwrap()).await;
    assert_eq!(
        (problem.code.clone(), problem.status),
        (Slug::INTERNAL, 500)
    );
    assert!(!serde_json::to_string(&problem).unwrap().contains("hunter2"));
}

#[tokio::test]
async fn who_should_come_back_later_is_told_when() {
    let problem = ProblemResponse::unavailable("The queue is away.", Duration::from_secs(9));
    let response = problem.into_response();
    assert_eq!(response.headers()["retry-after"], "9");
    assert_eq!(
        read(response).await.kind,
        "urn:switchyard:problem:unavailable"
    );
    let large = ProblemResponse::too_large(7).into_response();
    assert!(!large.headers().contains_key("retry-after"));
    assert_eq!(read(large).await.status, 413);
}
