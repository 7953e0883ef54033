//! Changes from the table's stream.

use aws_lambda_events::event::dynamodb::Event;
use domain::{Delivery, ProgressEvent, Stage, Start, Verdict};
use notify::ChangeRecord;
use serde_json::{Value, json};
use store::{EventBatch, keys::Key};
use testkit::runs::{change_run, leased, put_run};

use crate::{
    samples::{document, sample},
    world::{TABLE, World, clock_at, delivery_key, order, random, run, then},
};

const SAMPLE: &str = "relay-stream.json";

/// What the sample holds: a delivery names its run, which is started and claimed, and told of its first progress.
async fn changes() -> Vec<Value> {
    let world = World::start().await;
    let (store, run, now) = (world.store(), run(), then());
    let key = run.key();
    let start = Box::new(Start {
        run: key.clone(),
        id: run.id(),
        version: run.definition().version,
        revision: None,
    });
    let delivery = Delivery {
        key: delivery_key(),
        trace: run.origin().trace().clone(),
        received_at: now,
        verdict: Verdict::Starting { start },
        steps: Vec::new(),
        due_at: None,
    };
    store.swap_delivery(None, &delivery, now).await.unwrap();
    put_run(&store, order(), now).await;
    let claimed = change_run(&store, &key, |run| leased(run, "daemon-1", now)).await;
    let batch = EventBatch {
        run: key,
        fence: claimed.fence(),
        first: 0,
        events: vec![ProgressEvent {
            at: now,
            stage: Stage::Cloning,
            text: "Cloning octo-demo/widgets".to_owned(),
        }],
    };
    store.add_events(&batch, now).await.unwrap();
    let mut stream = world.endpoints.stream_reader(TABLE, "test");
    stream.next(100).await.unwrap().records
}

/// What a record says, without what only its place in a stream gives it.
fn told(record: &Value) -> Value {
    let change = &record["dynamodb"];
    json!({
        "eventName": record["eventName"],
        "Keys": change["Keys"],
        "OldImage": change["OldImage"],
        "NewImage": change["NewImage"],
    })
}

#[tokio::test]
async fn the_changes_are_those_that_the_store_makes() {
    let made: Vec<Value> = changes().await.iter().map(told).collect();
    let sampled = document(SAMPLE);
    let sampled: Vec<Value> = sampled["Records"]
        .as_array()
        .unwrap()
        .iter()
        .map(told)
        .collect();
    assert_eq!(
        sampled,
        made,
        "the store makes {}",
        Value::from(made.clone())
    );
}

#[test]
fn each_record_says_what_has_changed() {
    let text = |keys: &Value, name: &str| keys[name]["S"].as_str().unwrap().to_owned();
    let sampled = document(SAMPLE);
    let changed: Vec<String> = sampled["Records"]
        .as_array()
        .unwrap()
        .iter()
        .map(|record| {
            let keys = &record["dynamodb"]["Keys"];
            let (pk, sk) = (text(keys, "pk"), text(keys, "sk"));
            match ChangeRecord::of(&Key { pk, sk }).unwrap() {
                ChangeRecord::Run(record) => format!("{:?}", record.key()),
                ChangeRecord::Delivery(record) => format!("{:?}", record.key()),
            }
        })
        .collect();
    let of_run = format!("{:?}", run().key());
    let mut expected = vec![of_run; 6];
    expected[0] = format!("{:?}", delivery_key());
    assert_eq!(changed, expected);
}

#[tokio::test]
async fn the_batch_is_taken() {
    let event: Event = serde_json::from_str(&sample("relay-stream.json")).unwrap();
    assert_eq!(event.records.len(), 6);
    let world = World::start().await;
    let settings = world.settings();
    let relay = relay::connect(&settings, &world.aws, clock_at(then()), random()).unwrap();
    // What the batch tells of is not in the table, so nobody has to be told.
    let response = relay::handle(&relay, event).await;
    assert!(response.batch_item_failures.is_empty(), "{response:?}");
}
