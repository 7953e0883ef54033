//! What is accepted, and what becomes of it.

use aws_sdk_sqs::types::MessageSystemAttributeName;
use contract::{DeliveryBody, Proven};
use data_encoding::HEXLOWER;
use domain::{InstallationId, Provider};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::support::{DELIVERY, delivery, sign, with, world};

const RECEIPT: &str = r#"{"delivery":"72d3162e-cc78-11e3-81ab-4c9367dc0958","ignored":false}"#;

/// What the secret of the app proves of a document that names that installation.
fn by_the_app(installation: Option<u64>) -> Proven {
    Proven::App {
        provider: Provider::Github,
        installation: installation.map(InstallationId::from),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_is_one_send_and_nothing_else() {
    let w = world().await;
    let body = r#"{"action":"created","text":"naïve 🦀 \u0000"}"#;
    let answer = w.send(delivery("issue_comment", body)).await;
    assert_eq!(
        (answer.status.as_u16(), answer.body.as_str()),
        (202, RECEIPT)
    );
    let calls: Vec<u64> = w
        .endpoints
        .calls()
        .into_iter()
        .map(|(_, times)| times)
        .collect();
    assert_eq!(calls, [1]);
    let (message, document) = w.only().await;
    assert_eq!(document, body.as_bytes());
    assert_eq!(message.delivery.as_str(), DELIVERY);
    assert_eq!(
        (message.proven, message.event.as_str()),
        (by_the_app(None), "issue_comment")
    );
    assert!(matches!(message.body, DeliveryBody::Inline { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_delivered_need_not_be_understood_to_be_kept() {
    let w = world().await;
    assert_eq!(
        w.send(delivery("issues", "not JSON at all")).await.status,
        202
    );
    assert_eq!(w.only().await.1, b"not JSON at all");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_before_this_one_still_verifies() {
    let w = world().await;
    let old = sign("the one before", b"{}");
    let request = with(delivery("issues", "{}"), "x-hub-signature-256", Some(&old));
    assert_eq!(w.send(request).await.status, 202);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_delivers_the_document_inside_it() {
    let w = world().await;
    let form = "payload=%7B%22action%22%3A%22created%22%2C%22x%22%3A%22caf%C3%A9+%2B%22%7D";
    let request = delivery("issue_comment", form);
    let kind = "application/x-www-form-urlencoded";
    assert_eq!(
        w.send(with(request, "content-type", Some(kind)))
            .await
            .status,
        202
    );
    let document = r#"{"action":"created","x":"café +"}"#;
    assert_eq!(w.only().await.1, document.as_bytes());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_never_starts_work_is_thanked_and_dropped() {
    let w = world().await;
    for event in ["push", "check_run", "an_event_of_tomorrow"] {
        let answer = w.send(delivery(event, "{}")).await;
        assert_eq!(answer.status, 202, "{event}");
        assert_eq!(answer.body, RECEIPT.replace("false", "true"));
    }
    assert_eq!(w.send(delivery("ping", r#"{"zen":"x"}"#)).await.status, 200);
    w.untouched();
}

/// A comment as GitHub delivers it, under an issue of `length` bytes.
fn comment(sender: &str, body: &str, length: usize) -> String {
    json!({
        "action": "created",
        "issue": {"number": 7, "title": "Fix it", "body": "x".repeat(length)},
        "comment": {"id": 5, "body": body},
        "repository": {"id": 42, "name": "widgets", "owner": {"login": "octo-demo"}},
        "installation": {"id": 99},
        "sender": {"id": 6, "login": "switchyard[bot]", "type": sender},
    })
    .to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_echo_goes_no_further_than_here() {
    let w = world().await;
    let edited = comment("User", "bot:implement", 1).replace("created", "edited");
    for echo in [comment("Bot", "### is at work", 1), edited] {
        let answer = w.send(delivery("issue_comment", echo)).await;
        assert_eq!(answer.status, 202);
        assert_eq!(answer.body, RECEIPT.replace("false", "true"));
    }
    w.untouched();
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_could_be_meant_for_somebody_is_queued() {
    for (case, document) in [
        ("a person's idle talk", comment("User", "Thanks!", 1)),
        ("a bot that asks", comment("Bot", "bot:implement", 1)),
        ("too long to look into", comment("Bot", "x", 1024 * 1024)),
    ] {
        let w = world().await;
        let answer = w.send(delivery("issue_comment", document.clone())).await;
        assert_eq!(answer.body, RECEIPT, "{case}");
        assert_eq!(w.only().await.1, document.as_bytes(), "{case}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_no_message_holds_goes_to_the_bucket_first() {
    let w = world().await;
    // Bytes that do not compress, so that their size is what counts.
    let mut state = 1_u64;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        state.to_be_bytes()[0]
    })
    .take(300_000)
    .collect();
    assert_eq!(w.send(delivery("issues", noise.clone())).await.status, 202);
    let (message, document) = w.only().await;
    assert_eq!(document, noise);
    let digest = HEXLOWER.encode(&Sha256::digest(&noise));
    let key = format!("deliveries/github/{digest}");
    let stored = DeliveryBody::Stored { key: key.clone() };
    assert_eq!(message.body, stored);

    // Another document under the same id, which no signature covers, leaves that one alone.
    let other: Vec<u8> = noise.iter().rev().copied().collect();
    assert_eq!(w.send(delivery("issues", other)).await.status, 202);
    let kept = w.bodies.get(&key, noise.len()).await.unwrap();
    assert_eq!(kept, Some(noise));

    // A large body that compresses well travels inside its message.
    let w = world().await;
    let zeros = vec![b'0'; 5_000_000];
    assert_eq!(w.send(delivery("issues", zeros.clone())).await.status, 202);
    let (message, document) = w.only().await;
    assert_eq!(document.len(), zeros.len());
    assert!(matches!(message.body, DeliveryBody::Inline { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_signature_proves_travels_with_the_delivery() {
    for (document, installation) in [
        (comment("User", "bot:implement", 1), Some(99)),
        ("not JSON at all".to_owned(), None),
    ] {
        let w = world().await;
        w.send(delivery("issue_comment", document)).await;
        assert_eq!(w.only().await.0.proven, by_the_app(installation));
    }
}

/// SQS gives each group its turn, so that a busy repository does not hold up another one of its owner.
#[tokio::test(flavor = "multi_thread")]
async fn the_deliveries_of_each_repository_are_a_group_of_their_own() {
    let w = world().await;
    for repository in [7, 7, 8] {
        let repository = json!({ "id": repository });
        let body =
            json!({ "action": "opened", "installation": { "id": 3 }, "repository": repository });
        let sent = w.send(delivery("issues", body.to_string())).await;
        assert_eq!(sent.status, 202);
    }
    let sqs = aws_sdk_sqs::Client::new(&aws_local::sdk_config(w.endpoints.url()));
    let url = sqs.get_queue_url().queue_name("deliveries").send().await;
    let request = sqs.receive_message().max_number_of_messages(10);
    let request = request.set_queue_url(url.unwrap().queue_url);
    let request = request.message_system_attribute_names(MessageSystemAttributeName::All);
    let messages = request.send().await.unwrap().messages.unwrap();
    let mut groups: Vec<String> = messages
        .into_iter()
        .map(|one| one.attributes.unwrap()[&MessageSystemAttributeName::MessageGroupId].clone())
        .collect();
    groups.sort();
    assert_eq!(groups, ["3.7", "3.7", "3.8"]);
}
