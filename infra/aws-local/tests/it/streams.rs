//! Streams, by the SDK's client and by the reader.

use std::time::{Duration, Instant};

use aws_lambda_events::event::dynamodb::Event;
use aws_sdk_dynamodbstreams::types::ShardIteratorType;
use futures_util::FutureExt as _;
use serde_json::Value;
use switchyard_aws_local::{Batch, Durability, StreamError, sdk_config};

use crate::support::{Local, s, things};

async fn put(local: &Local, sk: &str, value: &str) {
    let put = local.dynamo().put_item().table_name("things");
    let put = put.item("pk", s("a")).item("sk", s(sk)).item("v", s(value));
    put.send().await.unwrap();
}

fn keys(batch: &Batch) -> Vec<&str> {
    fn key(record: &Value) -> Option<&str> {
        record["dynamodb"]["Keys"]["sk"]["S"].as_str()
    }
    batch.records.iter().filter_map(key).collect()
}

#[tokio::test]
async fn records_have_the_shape_lambda_gives_them() {
    let local = Local::start().await;
    things(&local.dynamo()).await;
    put(&local, "1", "one").await;
    put(&local, "1", "two").await;
    let delete = local.dynamo().delete_item().table_name("things");
    delete
        .key("pk", s("a"))
        .key("sk", s("1"))
        .send()
        .await
        .unwrap();
    let mut reader = local.endpoints.stream_reader("things", "relay");
    let batch = reader.next(100).await.unwrap();
    let event: Event = serde_json::from_value(batch.event()).unwrap();
    let names: Vec<_> = event
        .records
        .iter()
        .map(|record| record.event_name.as_str())
        .collect();
    assert_eq!(names, ["INSERT", "MODIFY", "REMOVE"]);
    let modified = &batch.records[1];
    assert_eq!(modified["eventSource"], "aws:dynamodb");
    assert_eq!(modified["awsRegion"], "us-east-1");
    let source = modified["eventSourceARN"].as_str().unwrap();
    assert!(source.starts_with("arn:aws:dynamodb:us-east-1:000000000000:table/things/stream/"));
    assert_eq!(modified["dynamodb"]["OldImage"]["v"]["S"], "one");
    assert_eq!(modified["dynamodb"]["NewImage"]["v"]["S"], "two");
    assert_eq!(modified["dynamodb"]["StreamViewType"], "NEW_AND_OLD_IMAGES");
    assert_eq!(
        modified["dynamodb"]["ApproximateCreationDateTime"],
        1_800_000_000.0
    );
    assert!(modified["dynamodb"]["SizeBytes"].as_i64().unwrap() > 0);
    assert!(batch.records[2]["dynamodb"].get("NewImage").is_none());
    assert!(Batch::sequence_number(modified) > Batch::sequence_number(&batch.records[0]));
}

#[tokio::test]
async fn records_come_again_until_they_are_committed() {
    let local = Local::start().await;
    things(&local.dynamo()).await;
    for sk in ["1", "2", "3"] {
        put(&local, sk, "v").await;
    }
    let mut reader = local.endpoints.stream_reader("things", "relay");
    assert_eq!(keys(&reader.next(2).await.unwrap()), ["1", "2"]);
    let again = reader.next(2).await.unwrap();
    assert_eq!(keys(&again), ["1", "2"]);
    reader
        .commit_through(Batch::sequence_number(&again.records[0]))
        .unwrap();
    let rest = reader.next(10).await.unwrap();
    assert_eq!(keys(&rest), ["2", "3"]);
    reader.commit(&rest).unwrap();
    assert!(reader.try_next(10).await.unwrap().is_none());
    let mut other = local.endpoints.stream_reader("things", "other");
    assert_eq!(keys(&other.next(10).await.unwrap()), ["1", "2", "3"]);
}

#[tokio::test]
async fn a_reader_that_waits_is_woken_by_a_write() {
    let local = Local::start().await;
    things(&local.dynamo()).await;
    let mut reader = local.endpoints.stream_reader("things", "relay");
    let waiting = tokio::spawn(async move {
        let batch = reader.next(10).await.unwrap();
        (batch, Instant::now())
    });
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished());
    put(&local, "1", "v").await;
    let written = Instant::now();
    let (batch, read) = waiting.await.unwrap();
    assert_eq!(keys(&batch), ["1"]);
    let late = read.saturating_duration_since(written);
    assert!(late < Duration::from_secs(1), "{late:?}");
}

#[tokio::test]
async fn a_write_that_changes_nothing_yields_no_record() {
    let local = Local::start().await;
    things(&local.dynamo()).await;
    put(&local, "1", "v").await;
    let mut reader = local.endpoints.stream_reader("things", "relay");
    let first = reader.next(10).await.unwrap();
    reader.commit(&first).unwrap();
    put(&local, "1", "v").await;
    assert!(reader.try_next(10).await.unwrap().is_none());
    put(&local, "1", "v").await;
    put(&local, "1", "w").await;
    let changed = reader.next(10).await.unwrap();
    assert_eq!(changed.records.len(), 1);
    assert_eq!(changed.records[0]["dynamodb"]["NewImage"]["v"]["S"], "w");
}

#[tokio::test]
async fn a_reader_goes_on_after_a_restart() {
    let state = tempfile::tempdir().unwrap();
    let local = Local::with(Durability::Disk, state.path().to_owned()).await;
    things(&local.dynamo()).await;
    put(&local, "1", "v").await;
    put(&local, "2", "v").await;
    let mut reader = local.endpoints.stream_reader("things", "relay");
    let first = reader.next(1).await.unwrap();
    assert_eq!(keys(&first), ["1"]);
    reader.commit(&first).unwrap();
    local.endpoints.shutdown().await;

    let local = Local::with(Durability::Disk, state.path().to_owned()).await;
    put(&local, "3", "v").await;
    let mut reader = local.endpoints.stream_reader("things", "relay");
    assert_eq!(keys(&reader.next(10).await.unwrap()), ["2", "3"]);
}

#[tokio::test]
async fn the_sdk_reads_a_stream_on_disk_also_after_a_restart() {
    let state = tempfile::tempdir().unwrap();
    let local = Local::with(Durability::Disk, state.path().to_owned()).await;
    things(&local.dynamo()).await;
    put(&local, "1", "v").await;
    let (first, last) = read_by_sdk(&local, None).await;
    assert_eq!(first, ["1"]);
    local.endpoints.shutdown().await;

    let local = Local::with(Durability::Disk, state.path().to_owned()).await;
    put(&local, "2", "v").await;
    let (rest, _) = read_by_sdk(&local, Some(last)).await;
    assert_eq!(rest, ["2"]);
    let (all, _) = read_by_sdk(&local, None).await;
    assert_eq!(all, ["1", "2"]);
}

/// The sort keys of the records after a sequence number, and the last number.
async fn read_by_sdk(local: &Local, after: Option<String>) -> (Vec<String>, String) {
    let client = aws_sdk_dynamodbstreams::Client::new(&sdk_config(local.endpoints.url()));
    let streams = client
        .list_streams()
        .table_name("things")
        .send()
        .await
        .unwrap();
    let arn = streams.streams()[0].stream_arn().unwrap().to_owned();
    let stream = client
        .describe_stream()
        .stream_arn(&arn)
        .send()
        .await
        .unwrap();
    let shards = stream.stream_description.unwrap().shards.unwrap();
    let kind = match after {
        Some(_) => ShardIteratorType::AfterSequenceNumber,
        None => ShardIteratorType::TrimHorizon,
    };
    let iterator = client
        .get_shard_iterator()
        .stream_arn(&arn)
        .shard_id(shards[0].shard_id().unwrap())
        .shard_iterator_type(kind)
        .set_sequence_number(after)
        .send()
        .await
        .unwrap();
    let read = client
        .get_records()
        .set_shard_iterator(iterator.shard_iterator);
    let records = read.send().await.unwrap().records.unwrap();
    let records: Vec<_> = records
        .into_iter()
        .map(|record| record.dynamodb.unwrap())
        .collect();
    let last = records.last().unwrap().sequence_number.clone().unwrap();
    let key = |record: &aws_sdk_dynamodbstreams::types::StreamRecord| {
        record.keys().unwrap()["sk"].as_s().unwrap().clone()
    };
    (records.iter().map(key).collect(), last)
}

#[tokio::test]
async fn a_table_without_a_stream_is_refused_and_a_stop_ends_the_wait() {
    let local = Local::start().await;
    let mut reader = local.endpoints.stream_reader("nothing", "relay");
    assert!(matches!(reader.next(1).await, Err(StreamError::NoStream(name)) if name == "nothing"));
    things(&local.dynamo()).await;
    let mut reader = local.endpoints.stream_reader("things", "relay");
    {
        let mut waiting = Box::pin(reader.next(1));
        assert!((&mut waiting).now_or_never().is_none());
    }
    local.endpoints.shutdown().await;
    assert!(matches!(reader.next(1).await, Err(StreamError::Stopped)));
}

#[tokio::test]
async fn expired_items_leave_by_the_stream() {
    let local = Local::start().await;
    let client = local.dynamo();
    things(&client).await;
    let spec = aws_sdk_dynamodb::types::TimeToLiveSpecification::builder();
    let spec = spec.enabled(true).attribute_name("gone").build().unwrap();
    let update = client
        .update_time_to_live()
        .table_name("things")
        .time_to_live_specification(spec);
    update.send().await.unwrap();
    let at = aws_sdk_dynamodb::types::AttributeValue::N("1800000010".to_owned());
    let put = client
        .put_item()
        .table_name("things")
        .item("pk", s("a"))
        .item("sk", s("1"));
    put.item("gone", at).send().await.unwrap();
    assert_eq!(local.endpoints.expire_items().await, 0);
    local.advance(11);
    assert_eq!(local.endpoints.expire_items().await, 1);
    let mut reader = local.endpoints.stream_reader("things", "relay");
    let batch = reader.next(10).await.unwrap();
    assert_eq!(batch.records[1]["eventName"], "REMOVE");
    assert_eq!(
        batch.records[1]["userIdentity"]["principalId"],
        "dynamodb.amazonaws.com"
    );
    let event: Event = serde_json::from_value(batch.event()).unwrap();
    assert_eq!(event.records.len(), 2);
}
