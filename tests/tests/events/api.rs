//! A request to `api` as the HTTP API hands it over.

use domain::RequestId;
use http_body_util::BodyExt;
use kit::{Boundary, REQUEST_ID};
use lambda_http::{Context, RequestExt, http::StatusCode};
use public::{Health, HealthStatus};
use tower::ServiceExt;

use crate::{
    samples::{document, sample},
    webhook::request,
    world::{clock_at, random, then},
};

const SAMPLE: &str = "api-health-http-api.json";

#[tokio::test]
async fn it_is_answered_under_the_id_that_lambda_gave_the_call() {
    let mut context = Context::default();
    context.request_id = RequestId::mint(random().as_ref()).to_string();
    let call = request(&sample(SAMPLE)).with_lambda_context(context.clone());
    assert_eq!(call.uri().path(), "/health");
    let router = api::router(Boundary::new(clock_at(then()), random()));
    let answer = router.oneshot(call).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()[REQUEST_ID], context.request_id.as_str());
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    let health: Health = serde_json::from_slice(&body).unwrap();
    assert_eq!(health.status, HealthStatus::Ok);
}

#[test]
fn its_route_is_one_of_the_document() {
    let document_of_api: serde_json::Value = serde_json::from_str(public::OPENAPI).unwrap();
    let sample = document(SAMPLE);
    let path = sample["rawPath"].as_str().unwrap();
    assert!(document_of_api["paths"][path]["get"].is_object());
    assert_eq!(sample["routeKey"], format!("GET {path}"));
    assert_eq!(sample["requestContext"]["stage"], "$default");
}
