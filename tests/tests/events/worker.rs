//! A daemon's claim as the function's URL hands it over.

use std::sync::Arc;

use axum::response::Response;
use contract::{JobRef, worker::ClaimResponse};
use domain::RunHead;
use http_body_util::BodyExt;
use jiff::SignedDuration;
use kit::Boundary;
use lambda_http::http::StatusCode;
use runs::{Grant, TokenKeys};
use secrecy::ExposeSecret;
use simgithub::{AppRegistration, Config, SimGitHub};
use store::Brief;
use tempfile::TempDir;
use testkit::runs::put_run;
use tower::ServiceExt;

use crate::{
    samples::{document, sample},
    webhook::request,
    world::{SAMPLES, SECRET, Signing, TOKEN_KEY, World, clock_at, order, random, run, then},
};

const SAMPLE: &str = "worker-claim-function-url.json";

/// A provider that knows the app of the tests.
async fn provider(state: &TempDir) -> SimGitHub {
    let key = simgithub::DEMONSTRATION_KEY_PEM;
    let app = AppRegistration::new(12_345, "Iv1.events", "switchyard", key, SECRET.into());
    let listen = "127.0.0.1:0".parse().unwrap();
    let config = Config::new(listen, state.path().to_owned(), Arc::new(then), app);
    SimGitHub::start(config).await.unwrap()
}

#[test]
fn its_token_is_the_one_of_the_job_in_its_path() {
    let run = run();
    let grant = Grant::Claim {
        job: JobRef {
            job: run.job(),
            run: run.key(),
            step: RunHead::only_step(),
        },
        until: then() + SignedDuration::from_hours(6),
    };
    let token = TokenKeys::new(TOKEN_KEY.into(), None).sign(&grant);
    let sample = document(SAMPLE);
    let header = sample["headers"]["authorization"].as_str().unwrap();
    assert_eq!(header, format!("Bearer {}", token.expose_secret()));
    let path = format!("/worker/v1/jobs/{}/claim", run.job());
    assert_eq!(sample["rawPath"].as_str(), Some(path.as_str()));
}

/// What `worker` with these secrets answers to an event about the samples' job, which waits.
pub(crate) async fn answer(event: &str, secrets: Signing) -> Response {
    let (world, state) = (World::start().await, tempfile::tempdir().unwrap());
    let (github, run) = (provider(&state).await, run());
    let store = world.store();
    let subject = run.subject().key();
    store
        .put_brief(&subject, run.id(), &brief(), then())
        .await
        .unwrap();
    put_run(&store, order(), then()).await;

    let settings = world.settings_signed(github.api_url().as_str(), secrets);
    let worker = worker::connect(&settings, &world.aws, clock_at(then()), random()).unwrap();
    let router = worker::router(worker, Boundary::new(clock_at(then()), random()));
    router.oneshot(request(event)).await.unwrap()
}

/// The request that the samples' job is for.
fn brief() -> Brief {
    Brief {
        title: "total() forgets the last widget".to_owned(),
        body: String::new(),
        request: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_given_the_job() {
    let response = answer(&sample("worker-claim-function-url.json"), SAMPLES).await;
    assert_eq!(response.status(), StatusCode::OK);
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let claimed: ClaimResponse = serde_json::from_slice(&body).unwrap();
    assert_eq!(claimed.payload.run, run().id());
    assert_eq!(claimed.payload.title, brief().title);
    assert_eq!(claimed.payload.bot.as_str(), "switchyard[bot]");
}
