//! Requests to `webhook` as its URL hands them over.

use axum::{Router, body::Body};
use contract::{DeliveryBody, DeliveryMessage};
use domain::{Asked, Command, InboundEvent, SharedClock};
use ingress::github;
use kit::Boundary;
use lambda_http::{Request, http::StatusCode};
use serde_json::Value;
use tower::ServiceExt;

use crate::{
    samples::{document, sample},
    signed::signed,
    world::{NOWHERE, SAMPLES, Signing, World, clock_at, random, then},
};

/// The router of the function in `world`.
pub(crate) fn router(world: &World) -> Router {
    router_at(world, clock_at(then()))
}

/// The same with another clock.
pub(crate) fn router_at(world: &World, clock: SharedClock) -> Router {
    router_with(world, clock, SAMPLES)
}

/// The same with other secrets.
pub(crate) fn router_with(world: &World, clock: SharedClock, secrets: Signing) -> Router {
    let settings = world.settings_signed(NOWHERE, secrets);
    let boundary = Boundary::new(clock.clone(), random());
    let webhook = webhook::connect(&settings, &world.aws, clock, random());
    webhook::router(webhook.unwrap(), boundary)
}

/// A sample as the runtime hands it to the function.
pub(crate) fn request(text: &str) -> Request {
    lambda_http::request::from_str(text).unwrap()
}

/// The document that a message carries.
pub(crate) fn delivered(message: &DeliveryMessage) -> Value {
    let DeliveryBody::Inline { data } = &message.body else {
        panic!("the samples are small");
    };
    serde_json::from_slice(&data.unpack(DeliveryMessage::BODY_LIMIT).unwrap()).unwrap()
}

/// Sends a sample, and gives the one message that it became.
async fn accepted(name: &str) -> DeliveryMessage {
    let world = World::start().await;
    let response = router(&world)
        .oneshot(request(&sample(name)))
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::ACCEPTED, "{name}");
    let mut messages = world.take_deliveries().await;
    assert_eq!(messages.len(), 1, "{name}");
    messages.remove(0)
}

#[tokio::test]
async fn a_comment_is_queued_as_it_was_delivered() {
    let message = accepted("webhook-function-url.json").await;
    assert_eq!(message.event, "issue_comment");
    assert_eq!(
        message.delivery.as_str(),
        "7c1d3e60-c5f8-11f0-8de9-0242ac120002"
    );
    assert_eq!(
        delivered(&message),
        document("github-issue-comment-created.json")
    );
}

#[tokio::test]
async fn a_body_in_base_64_is_verified_as_the_bytes_it_stands_for() {
    let message = accepted("webhook-function-url-base64.json").await;
    let body = delivered(&message).to_string();
    assert!(!body.is_ascii(), "the sample has text outside ASCII");
    let event = github::parse(&message.event, body.as_bytes()).unwrap();
    assert!(matches!(event, InboundEvent::Comment(_)), "{event:?}");
}

#[tokio::test]
async fn a_form_carries_the_same_kind_of_document() {
    let message = accepted("webhook-form.json").await;
    assert_eq!(message.event, "issues");
    assert_eq!(delivered(&message), document("github-issues-labeled.json"));
}

#[tokio::test]
async fn one_byte_more_makes_the_signature_wrong() {
    for name in [
        "webhook-function-url.json",
        "webhook-function-url-base64.json",
        "webhook-form.json",
    ] {
        let world = World::start().await;
        let changed = request(&sample(name)).map(|body| [body.as_ref(), b" "].concat());
        let response = router(&world)
            .oneshot(changed.map(Body::from))
            .await
            .unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{name}");
        assert!(world.take_deliveries().await.is_empty(), "{name}");
    }
}

#[tokio::test]
async fn a_ping_is_answered_and_not_queued() {
    let world = World::start().await;
    let ping = request(&signed("github-ping.json", SAMPLES).to_string());
    let response = router(&world).oneshot(ping).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert!(world.take_deliveries().await.is_empty());
}

#[test]
fn the_documents_mean_what_their_names_say() {
    let comment = sample("github-issue-comment-created.json");
    let event = github::parse("issue_comment", comment.as_bytes()).unwrap();
    let InboundEvent::Comment(comment) = event else {
        panic!("a comment");
    };
    assert!(matches!(
        comment.text.asked(engine::built_in().vocabulary()),
        Asked::Command(Command::Start(_))
    ));
    let label = sample("github-issues-labeled.json");
    let event = github::parse("issues", label.as_bytes()).unwrap();
    let InboundEvent::Label(label) = event else {
        panic!("a label");
    };
    assert!(matches!(
        engine::built_in().vocabulary().in_label(&label.label),
        Asked::Command(Command::Start(_))
    ));
}
