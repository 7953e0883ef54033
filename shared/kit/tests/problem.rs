//! What a function answers around its routes.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests, and a handler that ends badly"
)]

use std::{collections::HashMap, fs::File, sync::Arc, time::Duration};

use axum::{Router, body::Body, response::IntoResponse as _, routing::get};
use contract::{Problem, Slug};
use domain::{ManualClock, RequestId, SeededRandom};
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use lambda_runtime::Context;
use serde_json::Value;
use settings::{Program, Settings};
use switchyard_kit::{Boundary, ProblemResponse, REQUEST_ID};
use telemetry::{Output, Setup};
use tower::ServiceExt as _;

fn router(vars: &[(&str, &str)]) -> Router {
    async fn broken() -> StatusCode {
        panic!("password hunter2")
    }
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let settings = Settings::from_vars(vars.iter().map(owned).collect::<HashMap<_, _>>());
    let (clock, random) = (Arc::new(ManualClock::default()), SeededRandom::new(1));
    let boundary = Boundary::from_settings(&settings, Program::Api, clock, Arc::new(random));
    let boundary = boundary.unwrap();
    let routes = Router::new()
        .route("/broken", get(broken))
        .route("/well", get(async || "well"));
    boundary.around(routes)
}

async fn call(router: &Router, request: Request<Body>) -> Response<Body> {
    router.clone().oneshot(request).await.unwrap()
}

fn request(method: &str, path: &str) -> Request<Body> {
    let request = Request::builder().method(method).uri(path);
    request.body(Body::empty()).unwrap()
}

/// The same, as the runtime of Lambda hands it over.
fn of_lambda(id: &str, path: &str) -> Request<Body> {
    let mut context = Context::default();
    id.clone_into(&mut context.request_id);
    let mut request = request("GET", path);
    request.extensions_mut().insert(context);
    request
}

async fn read(response: Response<Body>) -> Problem {
    let (parts, body) = response.into_parts();
    assert_eq!(parts.headers["content-type"], "application/problem+json");
    assert_eq!(parts.headers["cache-control"], "no-store");
    let bytes = body.collect().await.unwrap().to_bytes();
    let problem: Problem = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(parts.status.as_u16(), problem.status);
    let header = parts.headers.get(REQUEST_ID);
    let header = header.map(|value| value.to_str().unwrap());
    assert_eq!(header, problem.request_id.as_ref().map(RequestId::as_str));
    problem
}

#[tokio::test]
async fn whatever_goes_wrong_is_a_problem_without_internals() {
    let router = router(&[]);
    let unknown = call(&router, request("GET", "/x")).await;
    assert_eq!(read(unknown).await.code, Slug::ROUTE_NOT_FOUND);
    let wrong = call(&router, request("POST", "/broken")).await;
    assert_eq!(wrong.headers()["allow"], "GET,HEAD");
    assert_eq!(read(wrong).await.code, Slug::METHOD_NOT_ALLOWED);
    let problem = read(call(&router, request("GET", "/broken")).await).await;
    assert_eq!(problem.code, Slug::INTERNAL);
    assert!(!serde_json::to_string(&problem).unwrap().contains("hunter2"));
}

#[tokio::test]
async fn who_should_come_back_later_is_told_when() {
    let problem = ProblemResponse::unavailable("The queue is away.", Duration::from_secs(9));
    let response = problem.into_response();
    assert_eq!(response.headers()["retry-after"], "9");
    assert_eq!(read(response).await.code, Slug::UNAVAILABLE);
    let large = ProblemResponse::too_large(7).into_response();
    assert!(!large.headers().contains_key("retry-after"));
    assert_eq!(read(large).await.status, 413);
}

#[tokio::test]
async fn a_problem_links_to_its_page_where_the_public_api_is() {
    for (vars, link) in [
        (&[][..], "/problems/internal"),
        (
            &[("SWITCHYARD_PUBLIC_URL", "https://api.example")],
            "https://api.example/problems/internal",
        ),
        (
            &[("SWITCHYARD_PUBLIC_URL", "https://example.org/switchyard/")],
            "https://example.org/switchyard/problems/internal",
        ),
    ] {
        let answer = call(&router(vars), request("GET", "/broken")).await;
        assert_eq!(read(answer).await.kind, link);
    }
    let vars = HashMap::from([("SWITCHYARD_PUBLIC_URL".to_owned(), "api.example".to_owned())]);
    let (clock, random) = (Arc::new(ManualClock::default()), SeededRandom::new(1));
    let settings = Settings::from_vars(vars);
    let refused = Boundary::from_settings(&settings, Program::Api, clock, Arc::new(random));
    assert!(
        refused
            .unwrap_err()
            .to_string()
            .contains("SWITCHYARD_PUBLIC_URL")
    );
}

#[tokio::test]
async fn each_answer_names_its_request_as_lambda_does_or_else_by_itself() {
    let router = router(&[]);
    let id = "8c2a6c5e-3f0b-4b1e-9a53-0f0d0c0b0a09";
    let well = call(&router, of_lambda(id, "/well")).await;
    assert_eq!(
        (well.status(), &well.headers()[REQUEST_ID]),
        (StatusCode::OK, &id.parse().unwrap())
    );
    let problem = read(call(&router, of_lambda(id, "/broken")).await).await;
    assert_eq!(problem.request_id.unwrap().as_str(), id);
    // What the caller says of itself is not believed, and neither is what is no id.
    let mut minted = Vec::new();
    for mut one in [request("GET", "/well"), of_lambda("a b", "/well")] {
        one.headers_mut().insert(REQUEST_ID, id.parse().unwrap());
        let answer = call(&router, one).await;
        minted.push(answer.headers()[REQUEST_ID].to_str().unwrap().to_owned());
    }
    assert!(
        minted
            .iter()
            .all(|minted| minted.len() == 36 && minted != id)
    );
    assert_ne!(minted[0], minted[1]);
}

#[tokio::test]
async fn the_request_id_of_a_problem_leads_to_every_line_about_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let output = Output::File(File::create(&path).unwrap());
    let setup = Setup::json("test", "test", output);
    setup.start();
    // Other tests here write into the same log.
    let of_lambda = of_lambda("3d1c6a40-one-in-the-log", "/broken");
    let problem = read(call(&router(&[]), of_lambda).await).await;
    let id = problem.request_id.unwrap();
    let log = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|line: &Value| line["request.id"] == id.as_str())
        .collect();
    let said: Vec<&str> = lines
        .iter()
        .filter_map(|line| line["message"].as_str())
        .collect();
    assert_eq!(said, ["a request's handler panicked", "a request failed"]);
    assert_eq!(lines[1]["http.route"], "/broken");
}
