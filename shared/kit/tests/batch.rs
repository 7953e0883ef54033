//! Batches: what fails comes again, and only that.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use aws_lambda_events::event::{dynamodb::Event, sqs::SqsEvent};
use serde_json::{Value, json};
use switchyard_kit::{handle_batch, handle_stream};
use tokio::sync::Barrier;

fn messages(ids: &[&str]) -> SqsEvent {
    let records: Vec<Value> = ids
        .iter()
        .map(|id| json!({"messageId": id, "body": id, "attributes": {}, "messageAttributes": {}}))
        .collect();
    serde_json::from_value(json!({ "Records": records })).unwrap()
}

#[expect(clippy::unused_async, reason = "it stands for a handler")]
async fn act(what: &str) -> Result<(), String> {
    match what {
        "bad" => Err("no".to_owned()),
        "panic" => panic!("oh"),
        _ => Ok(()),
    }
}

#[tokio::test]
async fn only_what_failed_or_panicked_is_reported() {
    let event = messages(&["good", "bad", "panic", "fine"]);
    let response = handle_batch(
        event,
        |message| async move { act(&message.body.unwrap()).await },
    )
    .await;
    let json = serde_json::to_value(&response).unwrap();
    assert_eq!(
        json,
        json!({"batchItemFailures": [{"itemIdentifier": "bad"}, {"itemIdentifier": "panic"}]})
    );
    let none = handle_batch(messages(&["good"]), |_| async { Ok::<_, String>(()) }).await;
    assert_eq!(
        serde_json::to_value(&none).unwrap(),
        json!({"batchItemFailures": []})
    );
}

#[tokio::test]
async fn messages_of_a_batch_are_handled_at_once() {
    let together = Barrier::new(3);
    let together = &together;
    let response = handle_batch(messages(&["a", "b", "c"]), |_| async move {
        together.wait().await;
        Ok::<_, String>(())
    })
    .await;
    assert!(response.batch_item_failures.is_empty());
}

#[test]
fn batches_can_be_handled_on_any_thread() {
    fn sendable<T: Send>(_: &T) {}
    let name = "good".to_owned();
    let name = &name;
    sendable(&handle_batch(
        messages(&[]),
        |_| async move { act(name).await },
    ));
    sendable(&handle_stream(
        Event::default(),
        |_| Some(1),
        |_| async move { act(name).await },
    ));
}
