//! Reads, and requests to queues and objects.

use aws_sdk_dynamodb::types::KeysAndAttributes;
use switchyard_aws_local::Requests;

use super::{Metered, item, key};
use crate::support::{Local, s};

#[tokio::test]
async fn reads_are_billed_by_four_kilobytes_and_half_when_eventual() {
    for (size, strong, expected) in [
        (4096, true, 1.0),
        (4096, false, 0.5),
        (4097, true, 2.0),
        (4097, false, 1.0),
    ] {
        let metered = Metered::holding(item(size, &[])).await;
        let get = metered
            .client
            .get_item()
            .table_name("things")
            .set_key(Some(key()));
        get.consistent_read(strong).send().await.unwrap();
        assert_eq!(metered.read(), expected, "{size} {strong}");
        let query = metered
            .client
            .query()
            .table_name("things")
            .consistent_read(strong);
        let query = query.key_condition_expression("pk = :p");
        query
            .expression_attribute_values(":p", s("a"))
            .send()
            .await
            .unwrap();
        assert_eq!(metered.read(), expected, "query {size} {strong}");
    }
    let metered = Metered::start().await;
    metered.local.endpoints.meter().reset();
    let get = metered
        .client
        .get_item()
        .table_name("things")
        .set_key(Some(key()));
    get.send().await.unwrap();
    assert_eq!(
        metered.read(),
        0.5,
        "a missing item costs the least there is"
    );
}

#[tokio::test]
async fn a_query_is_billed_by_the_sum_of_what_it_read_on_the_index_it_read() {
    let metered = Metered::start().await;
    for n in 0..4 {
        let mut item = item(2000, &[("kind", "k")]);
        item.insert("sk".to_owned(), s(&n.to_string()));
        metered.put(item).await;
    }
    metered.local.endpoints.meter().reset();
    let query = metered
        .client
        .query()
        .table_name("things")
        .index_name("by_kind");
    let query = query.key_condition_expression("kind = :k");
    query
        .expression_attribute_values(":k", s("k"))
        .send()
        .await
        .unwrap();
    let used = metered.used();
    assert_eq!(
        used.dynamodb.read, 1.0,
        "8000 bytes are two pieces, read eventually"
    );
    assert_eq!(used.dynamodb_resources["things/by_kind"].read, 1.0);
    assert!(!used.dynamodb_resources.contains_key("things"));
    let keys = KeysAndAttributes::builder();
    let keys = (0..4).fold(keys, |keys, n| {
        let mut key = key();
        key.insert("sk".to_owned(), s(&n.to_string()));
        keys.keys(key)
    });
    let batch = metered.client.batch_get_item();
    batch
        .request_items("things", keys.build().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(
        metered.read(),
        2.0,
        "each item of a batch is rounded up on its own"
    );
}

#[tokio::test]
async fn requests_to_queues_and_objects_are_counted() {
    let local = Local::start().await;
    let url = local.queue("q").await;
    local.endpoints.meter().reset();
    let send = |size: usize| {
        let body = "x".repeat(size);
        local
            .sqs()
            .send_message()
            .queue_url(&url)
            .message_body(body)
            .send()
    };
    send(10).await.unwrap();
    send(100_000).await.unwrap();
    let receive = local
        .sqs()
        .receive_message()
        .queue_url(&url)
        .max_number_of_messages(10);
    receive.send().await.unwrap();
    let s3 = local.s3();
    s3.create_bucket().bucket("bucket").send().await.unwrap();
    assert!(
        s3.get_object()
            .bucket("bucket")
            .key("k")
            .send()
            .await
            .is_err()
    );
    let used = local.endpoints.meter().counts();
    let of = |action: &str| used.sqs[&(action.to_owned(), "q".to_owned())];
    assert_eq!(
        of("SendMessage"),
        Requests {
            requests: 2,
            billed: 3
        }
    );
    assert_eq!(
        of("ReceiveMessage"),
        Requests {
            requests: 1,
            billed: 2
        }
    );
    assert_eq!(
        used.sqs_total(),
        Requests {
            requests: 3,
            billed: 5
        }
    );
    assert_eq!(used.sqs_action("SendMessage").requests, 2);
    assert_eq!(
        (
            used.s3["CreateBucket"],
            used.s3["GetObject"],
            used.s3_total()
        ),
        (1, 1, 2)
    );
}
