//! Writes.

use aws_sdk_dynamodb::types::{ConditionCheck, Put, PutRequest, TransactWriteItem, WriteRequest};

use super::{Attributes, Metered, item, key};
use crate::support::s;

#[tokio::test]
async fn a_put_is_billed_by_the_kilobyte_and_by_index_entry() {
    let owner = [("owner", "o"), ("made", "m")];
    let both = [("owner", "o"), ("made", "m"), ("kind", "k")];
    let table: [(usize, Attributes<'_>, [f64; 4]); 6] = [
        (1024, &[], [1.0, 0.0, 0.0, 1.0]),
        (1025, &[], [2.0, 0.0, 0.0, 2.0]),
        (3000, &owner, [3.0, 1.0, 0.0, 4.0]),
        (1024, &both, [1.0, 1.0, 1.0, 3.0]),
        (2048, &both, [2.0, 1.0, 2.0, 5.0]),
        (600, &[("owner", "o")], [1.0, 0.0, 0.0, 1.0]),
    ];
    for (size, attributes, expected) in table {
        let metered = Metered::start().await;
        metered.local.endpoints.meter().reset();
        metered.put(item(size, attributes)).await;
        assert_eq!(metered.written(), expected, "{size} {attributes:?}");
    }
}

#[tokio::test]
async fn a_change_is_billed_by_the_larger_side_and_by_what_changes_in_each_index() {
    let both = [("owner", "o"), ("made", "m"), ("kind", "k")];
    let table: [(&str, usize, &str, &str, [f64; 4]); 6] = [
        // What shrinks is billed as it was; the index that holds all of it likewise.
        ("shrinks", 3000, "SET fill = :v", "x", [3.0, 0.0, 3.0, 6.0]),
        ("grows", 500, "SET fill = :v", "LONG", [3.0, 0.0, 3.0, 6.0]),
        // An attribute that only the full index keeps leaves the keys-only index alone.
        (
            "not projected",
            500,
            "SET note = :v",
            "n",
            [1.0, 0.0, 1.0, 2.0],
        ),
        // A moved key is a delete and a put in that index.
        (
            "moved key",
            500,
            "SET made = :v",
            "m2",
            [1.0, 2.0, 1.0, 4.0],
        ),
        (
            "moved in both",
            1500,
            "SET kind = :v",
            "k2",
            [2.0, 0.0, 4.0, 6.0],
        ),
        // Setting what is already there is billed to the table alone.
        (
            "same again",
            500,
            "SET kind = :v",
            "k",
            [1.0, 0.0, 0.0, 1.0],
        ),
    ];
    for (name, size, expression, value, expected) in table {
        let metered = Metered::holding(item(size, &both)).await;
        let long = "y".repeat(2500);
        metered
            .update(expression, if value == "LONG" { &long } else { value })
            .await;
        assert_eq!(metered.written(), expected, "{name}");
    }
}

#[tokio::test]
async fn leaving_an_index_and_deleting_are_billed_by_what_was_there() {
    let metered = Metered::holding(item(1500, &[("kind", "k")])).await;
    let update = metered
        .client
        .update_item()
        .table_name("things")
        .set_key(Some(key()));
    update
        .update_expression("REMOVE kind")
        .send()
        .await
        .unwrap();
    assert_eq!(metered.written(), [2.0, 0.0, 2.0, 4.0]);
    let delete = || {
        metered
            .client
            .delete_item()
            .table_name("things")
            .set_key(Some(key()))
            .send()
    };
    delete().await.unwrap();
    assert_eq!(metered.written(), [2.0, 0.0, 0.0, 2.0]);
    delete().await.unwrap();
    assert_eq!(
        metered.written(),
        [1.0, 0.0, 0.0, 1.0],
        "deleting nothing costs one unit"
    );
}

#[tokio::test]
async fn a_failed_condition_is_billed_by_the_larger_item_and_not_to_indexes() {
    let both = [("owner", "o"), ("made", "m"), ("kind", "k")];
    for (stored, tried, expected) in [(500, 500, 1.0), (2500, 500, 3.0), (500, 2500, 3.0)] {
        let metered = Metered::holding(item(stored, &both)).await;
        let put = metered
            .client
            .put_item()
            .table_name("things")
            .set_item(Some(item(tried, &both)));
        let put = put
            .condition_expression("attribute_not_exists(pk)")
            .send()
            .await;
        assert!(put.is_err());
        assert_eq!(
            metered.written(),
            [expected, 0.0, 0.0, expected],
            "{stored} {tried}"
        );
    }
    let metered = Metered::start().await;
    metered.local.endpoints.meter().reset();
    let update = metered
        .client
        .update_item()
        .table_name("things")
        .set_key(Some(key()));
    let update = update
        .update_expression("SET v = :v")
        .expression_attribute_values(":v", s("v"));
    assert!(
        update
            .condition_expression("attribute_exists(pk)")
            .send()
            .await
            .is_err()
    );
    assert_eq!(
        metered.written(),
        [1.0, 0.0, 0.0, 1.0],
        "on a missing item: one unit"
    );
}

#[tokio::test]
async fn what_is_refused_for_its_form_costs_nothing() {
    let metered = Metered::start().await;
    metered.local.endpoints.meter().reset();
    let put = metered
        .client
        .put_item()
        .table_name("things")
        .item("pk", s("a"))
        .send()
        .await;
    assert!(put.is_err());
    let used = metered.used();
    assert_eq!((used.dynamodb.requests, used.dynamodb.write), (1, 0.0));
}

#[tokio::test]
async fn transactions_cost_double_on_the_table_and_also_when_they_fail() {
    let metered = Metered::start().await;
    metered.local.endpoints.meter().reset();
    let write = |size: usize, condition: &str| {
        let put = Put::builder()
            .table_name("things")
            .set_item(Some(item(size, &[("kind", "k")])));
        let put = put.condition_expression(condition).build().unwrap();
        let mut other = key();
        other.insert("sk".to_owned(), s("other"));
        let check = ConditionCheck::builder()
            .table_name("things")
            .set_key(Some(other));
        let check = check
            .condition_expression("attribute_not_exists(pk)")
            .build()
            .unwrap();
        metered
            .client
            .transact_write_items()
            .transact_items(TransactWriteItem::builder().put(put).build())
            .transact_items(TransactWriteItem::builder().condition_check(check).build())
            .send()
    };
    write(1500, "attribute_not_exists(pk)").await.unwrap();
    // Twice two units for the item, twice one for the check, two for the index entry.
    assert_eq!(metered.written(), [6.0, 0.0, 2.0, 8.0]);
    assert!(write(1500, "attribute_not_exists(pk)").await.is_err());
    assert_eq!(metered.written(), [6.0, 0.0, 0.0, 6.0]);
}

#[tokio::test]
async fn batches_cost_what_their_writes_cost() {
    let metered = Metered::start().await;
    metered.local.endpoints.meter().reset();
    let put = |sk: &str| {
        let mut item = item(1500, &[]);
        item.insert("sk".to_owned(), s(sk));
        let put = PutRequest::builder().set_item(Some(item)).build().unwrap();
        WriteRequest::builder().put_request(put).build()
    };
    let batch = metered.client.batch_write_item();
    batch
        .request_items("things", vec![put("1"), put("2"), put("3")])
        .send()
        .await
        .unwrap();
    assert_eq!(metered.written(), [6.0, 0.0, 0.0, 6.0]);
}
