//! The function under the events that its URL sends, and its settings.

use std::{collections::HashMap, sync::Arc};

use domain::{SeededRandom, SystemClock};
use kit::Clients;
use lambda_http::{Body as LambdaBody, request::from_str};
use serde_json::Value;
use settings::Settings;
use switchyard_webhook::connect;
use tower::ServiceExt as _;

use crate::support::{Answer, World, world};

const PLAIN: &str = include_str!("../../../../events/webhook-function-url.json");
const BASE64: &str = include_str!("../../../../events/webhook-function-url-base64.json");
const FORM: &str = include_str!("../../../../events/webhook-form.json");

async fn invoke(w: &World, event: &str) -> Answer {
    let request: http::Request<LambdaBody> = from_str(event).unwrap();
    Answer::read(w.router.clone().oneshot(request).await.unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sample_events_are_accepted() {
    for event in [PLAIN, BASE64, FORM] {
        let w = world().await;
        let answer = invoke(&w, event).await;
        assert_eq!(answer.status, 202, "{}", answer.body);
        let (message, document) = w.only().await;
        let document: Value = serde_json::from_slice(&document).unwrap();
        assert!(document["repository"]["name"].is_string());
        let sent: Value = serde_json::from_str(event).unwrap();
        assert_eq!(
            sent["headers"]["x-github-delivery"],
            message.delivery.as_str()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_base64_body_with_other_scripts_is_verified_byte_by_byte() {
    let w = world().await;
    assert_eq!(invoke(&w, BASE64).await.status, 202);
    let (_, document) = w.only().await;
    assert!(!document.is_ascii());
    assert!(
        String::from_utf8(document)
            .unwrap()
            .contains("bot:investigate")
    );

    let mut changed: Value = serde_json::from_str(BASE64).unwrap();
    changed["headers"]["x-hub-signature-256"] = format!("sha256={}", "0".repeat(64)).into();
    assert_eq!(invoke(&w, &changed.to_string()).await.status, 401);
}

#[test]
fn the_settings_are_asked_for_by_name() {
    let from = |pairs: &[(&str, &str)]| {
        let pairs = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let settings = Settings::from_vars(pairs.collect::<HashMap<_, _>>());
        let aws = Clients::new(aws_local::sdk_config("http://127.0.0.1:1"));
        connect(
            &settings,
            &aws,
            Arc::new(SystemClock),
            Arc::new(SeededRandom::new(1)),
        )
    };
    let wrong = from(&[]).unwrap_err().0;
    let names: Vec<&str> = wrong.iter().map(|wrong| wrong.name).collect();
    assert_eq!(
        names,
        [
            "GITHUB_WEBHOOK_SECRET",
            "DELIVERIES_QUEUE_URL",
            "BODIES_BUCKET"
        ]
    );
    let mut all = vec![
        ("GITHUB_WEBHOOK_SECRET", "a"),
        ("DELIVERIES_QUEUE_URL", "http://127.0.0.1:1/q"),
        ("BODIES_BUCKET", "b"),
    ];
    assert_eq!(from(&all).unwrap().secrets.len(), 1);
    all.push(("GITHUB_WEBHOOK_SECRET_PREVIOUS", "b"));
    let webhook = from(&all).unwrap();
    assert_eq!(webhook.secrets.len(), 2);
    assert!(!format!("{webhook:?}").contains("\"a\""));
}
