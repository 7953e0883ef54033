//! What is refused, and what its sender learns.

use std::convert::Infallible;

use axum::body::Body;
use bytes::Bytes;
use contract::{DeliveryMessage, Slug};
use http::{HeaderValue, Request};

use crate::support::{Answer, SECRET, delivery, sign, with, world};

const SIGNATURE: &str = "x-hub-signature-256";

#[tokio::test(flavor = "multi_thread")]
async fn every_bad_signature_gets_the_same_answer_and_touches_nothing() {
    let w = world().await;
    let good = sign(SECRET, b"{}");
    let upper = format!("sha256={}", good["sha256=".len()..].to_uppercase());
    let joined = format!("{good},{good}");
    let wrong = sign("guess", b"{}");
    let truncated = &good[..good.len() - 1];
    let mut answers = Vec::new();
    for value in [
        None,
        Some(""),
        Some(truncated),
        Some(&upper),
        Some(&joined),
        Some(&wrong),
    ] {
        answers.push(
            w.send(with(delivery("issues", "{}"), SIGNATURE, value))
                .await,
        );
    }
    let mut doubled = delivery("issues", "{}");
    doubled
        .headers_mut()
        .append(SIGNATURE, HeaderValue::from_str(&good).unwrap());
    answers.push(w.send(doubled).await);
    // One byte of the body is another.
    answers.push(
        w.send(with(delivery("issues", "{\n"), SIGNATURE, Some(&good)))
            .await,
    );
    // Without a good signature nothing else is looked at.
    let encoded = with(delivery("issues", "{}"), "content-encoding", Some("gzip"));
    answers.push(w.send(with(encoded, SIGNATURE, None)).await);
    let nameless = with(delivery("issues", "{}"), "x-github-delivery", None);
    answers.push(w.send(with(nameless, SIGNATURE, Some(&wrong))).await);
    let told = answers.iter().map(Answer::without_request);
    let told: Vec<_> = told.collect();
    for one in &told {
        assert_eq!(one.0, 401);
        assert_eq!(one, &told[0]);
    }
    assert_eq!(told[0].1.code, Slug::SIGNATURE_REFUSED);
    w.untouched();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_request_that_is_no_delivery_is_told_why() {
    let w = world().await;
    let form = Some("application/x-www-form-urlencoded");
    let cases = [
        ("x-github-delivery", None, 400, "x-github-delivery"),
        ("x-github-delivery", Some("a b"), 400, "x-github-delivery"),
        ("x-github-event", None, 400, "x-github-event"),
        ("content-type", form, 400, "payload"),
        (
            "content-type",
            Some("text/plain"),
            415,
            "neither JSON nor a form",
        ),
        ("content-type", None, 415, "neither JSON nor a form"),
        ("content-encoding", Some("gzip"), 415, "content encoding"),
        ("content-encoding", Some("deflate"), 415, "content encoding"),
    ];
    for (name, value, status, told) in cases {
        let answer = w.send(with(delivery("issues", "{}"), name, value)).await;
        assert_eq!(answer.status, status, "{name} {value:?}");
        let problem = answer.problem();
        assert!(problem.detail.contains(told), "{name}: {}", problem.detail);
    }
    w.untouched();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_above_the_limit_is_refused_announced_or_not() {
    let w = world().await;
    let large = vec![b'x'; DeliveryMessage::BODY_LIMIT + 1];
    let answer = w.send(delivery("issues", large.clone())).await;
    assert_eq!(answer.status, 413);
    assert_eq!(answer.problem().code.as_str(), "too-large");
    let pieces = large
        .chunks(1 << 20)
        .map(|piece| Ok::<_, Infallible>(Bytes::copy_from_slice(piece)));
    let stream = futures_util::stream::iter(pieces.collect::<Vec<_>>());
    let unannounced = delivery("issues", "").map(|_| Body::from_stream(stream));
    assert_eq!(w.send(unannounced).await.status, 413);
    w.untouched();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_as_large_as_the_limit_is_taken() {
    let w = world().await;
    let largest = vec![b'0'; DeliveryMessage::BODY_LIMIT];
    assert_eq!(w.send(delivery("issues", largest)).await.status, 202);
    assert_eq!(w.queued().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_one_route_with_one_method() {
    let w = world().await;
    let call = |method: &str, path: &str| {
        w.send(
            Request::builder()
                .method(method)
                .uri(path)
                .body(Body::empty())
                .unwrap(),
        )
    };
    assert_eq!(call("GET", "/webhooks/github").await.problem().status, 405);
    assert_eq!(call("POST", "/webhooks/gitlab").await.problem().status, 404);
    assert_eq!(call("POST", "/").await.problem().status, 404);
    w.untouched();
}
