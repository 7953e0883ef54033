//! Every sample with the signatures of a stack that has secrets of its own: what `make invoke` hands to functions.

use std::collections::BTreeSet;

use local::{FunctionName, SampleEvent, Secrets};
use serde_json::Value;
use tower::ServiceExt;

use crate::{
    samples::{document, names, sample},
    webhook::{request, router_with},
    worker::answer,
    world::{SAMPLES, Signing, World, clock_at, random, then},
};

/// Of another stack than the one that the samples are from.
const OTHERS: Signing = Signing {
    webhook: "a webhook secret of its own",
    tokens: "fedcba9876543210fedcba9876543210",
    daemons: "edcba9876543210fedcba9876543210f",
};

/// A sample, signed with these secrets at the time of the samples.
pub(crate) fn signed(name: &str, secrets: Signing) -> Value {
    let Signing {
        webhook,
        tokens,
        daemons,
    } = secrets;
    let secrets = Secrets::new(webhook.into(), tokens.into(), daemons.into());
    let signed = read(name).signed(&secrets, then(), random().as_ref());
    signed.unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn read(name: &str) -> SampleEvent {
    SampleEvent::parse(name, &sample(name)).unwrap_or_else(|error| panic!("{error}"))
}

/// The samples for these functions.
fn of(functions: &[FunctionName]) -> Vec<String> {
    let mut names = names();
    names.retain(|name| functions.contains(&read(name).function()));
    assert!(!names.is_empty(), "{functions:?}");
    names
}

#[test]
fn every_sample_is_for_a_function_and_every_function_has_one() {
    let functions: BTreeSet<&str> = names()
        .iter()
        .map(|name| read(name).function().as_str())
        .collect();
    assert_eq!(
        functions,
        FunctionName::ALL.map(FunctionName::as_str).into()
    );
}

#[tokio::test]
async fn webhook_takes_every_delivery() {
    for name in of(&[FunctionName::Webhook]) {
        let world = World::start().await;
        let event = signed(&name, OTHERS).to_string();
        let router = router_with(&world, clock_at(then()), OTHERS);
        let status = router.oneshot(request(&event)).await.unwrap().status();
        assert!(status.is_success(), "{name}: {status}");
        // Had it not looked at the signature, it would take this too.
        let other = router_with(&world, clock_at(then()), SAMPLES);
        let status = other.oneshot(request(&event)).await.unwrap().status();
        assert_eq!(status.as_u16(), 401, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn worker_takes_every_call_and_gives_the_job_that_is_claimed() {
    for name in of(&[FunctionName::Worker]) {
        let taken = answer(&signed(&name, OTHERS).to_string(), OTHERS).await;
        assert_eq!(taken.status().as_u16(), 200, "{name}");
        let refused = answer(&sample(&name), OTHERS).await;
        assert_eq!(refused.status().as_u16(), 401, "{name}");
    }
}

#[test]
fn what_nobody_signs_stays_as_it_is() {
    let unsigned = [
        FunctionName::Triage,
        FunctionName::Api,
        FunctionName::Scheduler,
        FunctionName::Relay,
    ];
    for name in of(&unsigned) {
        assert_eq!(signed(&name, OTHERS), document(&name), "{name}");
    }
}

#[test]
fn signed_with_the_secrets_of_the_samples_nothing_of_a_delivery_changes() {
    let deliveries = of(&[FunctionName::Webhook]).into_iter();
    for name in deliveries.filter(|name| name.starts_with("webhook-")) {
        assert_eq!(signed(&name, SAMPLES), document(&name), "{name}");
    }
}

#[test]
fn a_body_becomes_a_delivery_of_its_own_each_time() {
    let (name, random) = ("github-issue-comment-created.json", random());
    let secrets = Secrets::new("a".into(), "b".into(), "c".into());
    let [one, other] = [(); 2].map(|()| {
        let delivered = read(name).signed(&secrets, then(), random.as_ref());
        delivered.unwrap()
    });
    assert_eq!(one["headers"]["x-github-event"], "issue_comment");
    assert_eq!(one["body"], sample(name));
    let id = |event: &Value| event["headers"]["x-github-delivery"].clone();
    assert!(id(&one).is_string() && id(&one) != id(&other));
}
