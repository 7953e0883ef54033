//! The API as its gateway, or anybody else who has the router, calls it.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::sync::Arc;

use api::BODY_LIMIT;
use axum::{Router, body::Body};
use contract::{Problem, ProblemKind, Slug};
use domain::{ManualClock, SeededRandom};
use http::{HeaderMap, Method, Request, StatusCode, header::ALLOW};
use http_body_util::BodyExt as _;
use kit::{Boundary, REQUEST_ID};
use public::{
    Health, HealthStatus, OPENAPI,
    v1::{ApiVersion, Version},
};
use tower::ServiceExt as _;

fn router() -> Router {
    let (clock, random) = (ManualClock::default(), SeededRandom::new(1));
    api::router(Boundary::new(Arc::new(clock), Arc::new(random)))
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    /// The problem that it is, complete.
    fn problem(&self) -> Problem {
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem: Problem = serde_json::from_str(&self.body).unwrap();
        assert_eq!(problem.status, self.status.as_u16());
        assert_eq!(
            problem.request_id.as_ref().unwrap().as_str(),
            self.header(REQUEST_ID)
        );
        problem
    }
}

async fn call(method: Method, path: &str, body: Body) -> Answer {
    let request = Request::builder().method(method).uri(path);
    let answer = router().oneshot(request.body(body).unwrap()).await.unwrap();
    let (parts, body) = answer.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

async fn get(path: &str) -> Answer {
    call(Method::GET, path, Body::empty()).await
}

#[tokio::test]
async fn it_is_well_and_says_which_it_is() {
    let health: Health = serde_json::from_str(&get("/health").await.body).unwrap();
    assert_eq!(health.status, HealthStatus::Ok);
    let answer = get("/v1/version").await;
    let version: Version = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(version.version, env!("CARGO_PKG_VERSION"));
    assert_eq!(version.apis, [ApiVersion::V1]);
    assert_eq!(answer.header(REQUEST_ID).len(), 36);
}

#[tokio::test]
async fn the_document_is_the_one_that_is_committed() {
    let answer = get("/openapi.json").await;
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.body, OPENAPI);
}

#[tokio::test]
async fn each_kind_of_problem_has_a_page_that_says_what_it_means_and_what_to_do() {
    for kind in ProblemKind::ALL {
        let answer = get(&kind.path()).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", kind.slug());
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
        assert!(
            answer
                .header("content-security-policy")
                .contains("default-src 'none'")
        );
        let text = answer.body.replace("&#39;", "'");
        for words in [
            kind.slug().as_str(),
            kind.title(),
            kind.meaning(),
            kind.solution(),
        ] {
            assert!(text.contains(words), "{words} in {text}");
        }
        assert!(text.contains(&kind.status().to_string()));
    }
}

#[tokio::test]
async fn what_is_not_there_is_a_problem() {
    for (path, slug) in [
        ("/problems/none", Slug::NOT_FOUND),
        ("/problems/%ff", Slug::NOT_FOUND),
        ("/problems/unauthorized%2f", Slug::NOT_FOUND),
        ("/problems/", Slug::ROUTE_NOT_FOUND),
        ("/v1", Slug::ROUTE_NOT_FOUND),
        ("/v2/version", Slug::ROUTE_NOT_FOUND),
        ("/", Slug::ROUTE_NOT_FOUND),
    ] {
        assert_eq!(get(path).await.problem().code, slug, "{path}");
    }
}

#[tokio::test]
async fn only_reading_applies() {
    for path in [
        "/health",
        "/v1/version",
        "/openapi.json",
        "/problems/internal",
    ] {
        let answer = call(Method::POST, path, Body::empty()).await;
        assert_eq!(answer.problem().code, Slug::METHOD_NOT_ALLOWED, "{path}");
        assert_eq!(answer.headers[ALLOW], "GET,HEAD");
        let head = call(Method::HEAD, path, Body::empty()).await;
        assert_eq!((head.status, head.body.as_str()), (StatusCode::OK, ""));
    }
}

#[tokio::test]
async fn a_body_is_refused_that_is_larger_than_any_operation_takes() {
    let large = Body::from(vec![b' '; BODY_LIMIT + 1]);
    let answer = call(Method::GET, "/health", large).await;
    assert_eq!(answer.problem().code, Slug::TOO_LARGE);
    let largest = Body::from(vec![b' '; BODY_LIMIT]);
    let answer = call(Method::GET, "/health", largest).await;
    assert_eq!(answer.status, StatusCode::OK);
}
