//! A batch from the queue of deliveries.

use aws_lambda_events::event::sqs::SqsEvent;
use contract::{DeliveryBody, DeliveryMessage};
use domain::{Refusal, Verdict};
use tower::ServiceExt;

use crate::{
    samples::sample,
    webhook::{delivered, request, router},
    world::{World, clock_at, delivery_key, random, then},
};

fn batch() -> SqsEvent {
    serde_json::from_str(&sample("triage-sqs.json")).unwrap()
}

#[tokio::test]
async fn the_message_is_the_one_that_webhook_sends() {
    let world = World::start().await;
    let signed = request(&sample("webhook-function-url.json"));
    router(&world).oneshot(signed).await.unwrap();
    let sent = world.take_deliveries().await.remove(0);

    let text = batch().records[0].body.clone().unwrap();
    let message: DeliveryMessage = serde_json::from_str(&text).unwrap_or_else(|error| {
        let sent = serde_json::to_string(&sent).unwrap();
        panic!("{error}; webhook sends {sent}")
    });
    assert_eq!(delivered(&message), delivered(&sent));
    // The same document may be packed differently by another version of the packer.
    let unpacked = |message: DeliveryMessage| DeliveryMessage {
        body: DeliveryBody::Stored { key: String::new() },
        ..message
    };
    assert_eq!(unpacked(message), unpacked(sent));
}

#[tokio::test]
async fn the_batch_is_decided_and_recorded_once() {
    let world = World::start().await;
    let settings = world.settings();
    let triage = triage::connect(&settings, &world.aws, clock_at(then()), random()).unwrap();
    for _ in 0..2 {
        let response = triage::handle(&triage, batch(), intake::Triage::WITHIN).await;
        assert!(response.batch_item_failures.is_empty(), "{response:?}");
    }
    let recorded = world
        .store()
        .delivery(&delivery_key(), then())
        .await
        .unwrap();
    // The owner of the sample is not on the list here, so nobody has to be asked.
    let refused = Verdict::Refused {
        refusal: Refusal::OwnerNotAllowed,
        reply: None,
    };
    assert_eq!(recorded.unwrap().verdict, refused);
}
