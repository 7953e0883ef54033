//! The public API.

use contract::{Problem, ProblemKind};
use public::{
    Health, HealthStatus, OPENAPI,
    v1::{ApiVersion, Version},
};
use reqwest::{Client, Method, Response, StatusCode};
use serde_json::{Value, json};
use url::Url;

use crate::support::World;

#[expect(
    clippy::disallowed_methods,
    reason = "whoever calls from outside has nothing to do with the guarded client"
)]
async fn call(method: Method, url: Url, body: Vec<u8>) -> Response {
    egress::tls::install();
    let client = Client::builder().no_proxy().build().unwrap();
    client.request(method, url).body(body).send().await.unwrap()
}

async fn get(world: &World, path: &str) -> Response {
    let url = world.stack.api_url().join(path).unwrap();
    call(Method::GET, url, Vec::new()).await
}

/// The problem that an answer tells of, with the request that its header names.
async fn problem(answer: Response) -> Problem {
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    let request = answer.headers()["x-request-id"]
        .to_str()
        .unwrap()
        .to_owned();
    let problem: Problem = answer.json().await.unwrap();
    assert_eq!(problem.request_id.as_ref().unwrap().as_str(), request);
    problem
}

#[tokio::test(flavor = "multi_thread")]
async fn it_says_what_answers_and_what_can_be_asked() {
    let world = World::start().await;
    let health: Health = get(&world, "health").await.json().await.unwrap();
    assert_eq!(health.status, HealthStatus::Ok);
    let version: Version = get(&world, "v1/version").await.json().await.unwrap();
    assert_eq!(version.apis, [ApiVersion::V1]);
    let answer = get(&world, "openapi.json").await;
    assert_eq!(answer.headers()["content-type"], "application/json");
    assert_eq!(answer.text().await.unwrap(), OPENAPI);
    let calls = world.stack.invocations();
    assert_eq!((calls.get("api"), calls.get("worker")), (Some(&3), None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_problem_leads_to_the_page_about_it_whichever_function_tells_of_it() {
    let world = World::start().await;
    let missing = problem(get(&world, "problems/none").await).await;
    assert_eq!(missing.code, ProblemKind::NOT_FOUND.slug());
    let unsigned = world.stack.url().join("webhooks/github").unwrap();
    let unsigned = call(Method::POST, unsigned, b"{}".to_vec()).await;
    for told in [missing, problem(unsigned).await] {
        let page = call(Method::GET, told.kind.parse().unwrap(), Vec::new()).await;
        assert_eq!(page.status(), StatusCode::OK, "{}", told.kind);
        assert_eq!(page.url().port(), world.stack.api_url().port());
        let page = page.text().await.unwrap();
        let kind = ProblemKind::of(told.code.as_str()).unwrap();
        assert!(page.contains(kind.title()), "{page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gateway_answers_by_itself_where_there_is_no_route() {
    let world = World::start().await;
    for (method, path) in [
        (Method::GET, ""),
        (Method::GET, "v2/version"),
        (Method::POST, "webhooks/github"),
        (Method::POST, "v1/version"),
        (Method::DELETE, "health"),
        // A route of GET is none for HEAD there.
        (Method::HEAD, "health"),
        (Method::HEAD, "v1/version"),
    ] {
        let url = world.stack.api_url().join(path).unwrap();
        let answer = call(method.clone(), url, Vec::new()).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{method} {path}");
        let said = answer.bytes().await.unwrap();
        if method == Method::HEAD {
            assert!(said.is_empty(), "{said:?}");
        } else {
            let said: Value = serde_json::from_slice(&said).unwrap();
            assert_eq!(said, json!({ "message": "Not Found" }), "{method} {path}");
        }
    }
    assert_eq!(world.stack.invocations().get("api"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_large_is_a_problem_too() {
    let world = World::start().await;
    let url = world.stack.api_url().join("v1/version").unwrap();
    let large = vec![b' '; api::BODY_LIMIT + 1];
    let answer = call(Method::GET, url.clone(), large).await;
    assert_eq!(problem(answer).await.code, ProblemKind::TOO_LARGE.slug());
    let largest = vec![b' '; api::BODY_LIMIT];
    let answer = call(Method::GET, url, largest).await;
    assert_eq!(answer.status(), StatusCode::OK);
}
