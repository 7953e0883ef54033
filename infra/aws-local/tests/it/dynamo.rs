//! DynamoDB as the SDK's client uses it, and what of it is ours.

use aws_sdk_dynamodb::types::{
    ConditionCheck, Delete, Put, ReturnConsumedCapacity, ReturnValuesOnConditionCheckFailure,
    TransactWriteItem, Update,
};
use switchyard_aws_local::Call;

use crate::support::{Local, code, s, things};

#[tokio::test]
async fn a_write_with_a_condition_is_won_once_and_shows_the_winner() {
    let local = Local::start().await;
    let client = local.dynamo();
    things(&client).await;
    let put = |who: &str| {
        client
            .put_item()
            .table_name("things")
            .item("pk", s("a"))
            .item("sk", s("b"))
            .item("who", s(who))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
    };
    put("first").await.unwrap();
    let error = put("second").await.unwrap_err().into_service_error();
    let aws_sdk_dynamodb::operation::put_item::PutItemError::ConditionalCheckFailedException(
        failed,
    ) = error
    else {
        panic!("{error:?}")
    };
    assert_eq!(failed.item().unwrap()["who"], s("first"));
}

#[tokio::test]
async fn a_transaction_happens_as_a_whole_or_not_at_all_and_says_why() {
    let local = Local::start().await;
    let client = local.dynamo();
    things(&client).await;
    let put = |sk: &str| {
        let put = Put::builder()
            .table_name("things")
            .item("pk", s("a"))
            .item("sk", s(sk));
        let put = put
            .condition_expression("attribute_not_exists(pk)")
            .build()
            .unwrap();
        TransactWriteItem::builder().put(put).build()
    };
    let write = |items| {
        client
            .transact_write_items()
            .set_transact_items(Some(items))
            .send()
    };
    write(vec![put("1"), put("2")]).await.unwrap();
    let error = write(vec![put("3"), put("2")])
        .await
        .unwrap_err()
        .into_service_error();
    let aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError::TransactionCanceledException(why) = error else {
        panic!("{error:?}")
    };
    let codes: Vec<_> = why
        .cancellation_reasons()
        .iter()
        .map(|r| r.code().unwrap())
        .collect();
    assert_eq!(codes, ["None", "ConditionalCheckFailed"]);
    let get = client
        .get_item()
        .table_name("things")
        .key("pk", s("a"))
        .key("sk", s("3"));
    assert!(get.send().await.unwrap().item.is_none());
}

#[tokio::test]
async fn figures_are_shown_to_those_who_ask_and_to_nobody_else() {
    let local = Local::start().await;
    let client = local.dynamo();
    things(&client).await;
    let put = |wanted: Option<ReturnConsumedCapacity>| {
        client
            .put_item()
            .table_name("things")
            .item("pk", s("a"))
            .item("sk", s("b"))
            .item("kind", s("k"))
            .set_return_consumed_capacity(wanted)
            .send()
    };
    assert!(put(None).await.unwrap().consumed_capacity.is_none());
    assert!(
        put(Some(ReturnConsumedCapacity::None))
            .await
            .unwrap()
            .consumed_capacity
            .is_none()
    );
    let total = put(Some(ReturnConsumedCapacity::Total))
        .await
        .unwrap()
        .consumed_capacity
        .unwrap();
    assert_eq!(total.capacity_units(), Some(1.0));
    assert!(total.table().is_none());
    let all = put(Some(ReturnConsumedCapacity::Indexes))
        .await
        .unwrap()
        .consumed_capacity
        .unwrap();
    assert_eq!(all.table().unwrap().capacity_units(), Some(1.0));
    assert_eq!(
        local.endpoints.meter().counts().dynamodb_operations["PutItem"].requests,
        4
    );
}

#[tokio::test]
async fn names_carry_the_region_and_lead_back() {
    let local = Local::start().await;
    let client = local.dynamo();
    things(&client).await;
    let table = client
        .describe_table()
        .table_name("things")
        .send()
        .await
        .unwrap()
        .table
        .unwrap();
    let arn = table.table_arn().unwrap();
    assert_eq!(arn, "arn:aws:dynamodb:us-east-1:000000000000:table/things");
    let stream = table.latest_stream_arn().unwrap();
    assert!(stream.starts_with(&format!("{arn}/stream/")), "{stream}");
    let tags = client
        .list_tags_of_resource()
        .resource_arn(arn)
        .send()
        .await
        .unwrap();
    assert!(tags.tags().is_empty());
    let missing = client.describe_table().table_name("nothing").send().await;
    assert_eq!(code(missing), "ResourceNotFoundException");
}

#[tokio::test]
async fn calls_are_recorded_in_the_words_of_a_policy() {
    let local = Local::start().await;
    let client = local.dynamo();
    things(&client).await;
    local.endpoints.forget_calls();
    let query = client.query().table_name("things").index_name("by_kind");
    let query = query
        .key_condition_expression("kind = :k")
        .expression_attribute_values(":k", s("k"));
    query.send().await.unwrap();
    let key = |sk: &str| [("pk".to_owned(), s("a")), ("sk".to_owned(), s(sk))].into();
    let update = Update::builder()
        .table_name("things")
        .set_key(Some(key("1")))
        .update_expression("SET v = :v")
        .expression_attribute_values(":v", s("1"));
    let check = ConditionCheck::builder()
        .table_name("things")
        .set_key(Some(key("2")));
    let check = check.condition_expression("attribute_not_exists(pk)");
    let delete = Delete::builder()
        .table_name("things")
        .set_key(Some(key("3")));
    client
        .transact_write_items()
        .transact_items(
            TransactWriteItem::builder()
                .update(update.build().unwrap())
                .build(),
        )
        .transact_items(
            TransactWriteItem::builder()
                .condition_check(check.build().unwrap())
                .build(),
        )
        .transact_items(
            TransactWriteItem::builder()
                .delete(delete.build().unwrap())
                .build(),
        )
        .send()
        .await
        .unwrap();
    local.queue("q").await;
    let call = |service, action: &str, resource: &str| Call {
        caller: "test".to_owned(),
        service,
        action: action.to_owned(),
        resource: resource.to_owned(),
    };
    let expected = [
        (call("dynamodb", "ConditionCheckItem", "table/things"), 1),
        (call("dynamodb", "DeleteItem", "table/things"), 1),
        (call("dynamodb", "Query", "table/things/index/by_kind"), 1),
        (call("dynamodb", "UpdateItem", "table/things"), 1),
        (call("sqs", "CreateQueue", "q"), 1),
    ];
    assert_eq!(local.endpoints.calls(), expected);
}
