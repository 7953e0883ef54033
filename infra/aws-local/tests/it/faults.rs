//! Faults strike as they were asked to.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_sdk_sqs::config::retry::RetryConfig;
use aws_sdk_sqs::types::QueueAttributeName;
use switchyard_aws_local::{AwsError, Fault, sdk_config};

use crate::support::{Local, code, s, things};

/// A client that does not try again.
fn once(local: &Local) -> aws_sdk_sqs::Client {
    let config = sdk_config(local.endpoints.url());
    let config = aws_sdk_sqs::config::Builder::from(&config).retry_config(RetryConfig::disabled());
    aws_sdk_sqs::Client::from_conf(config.build())
}

async fn count(local: &Local, url: &str) -> String {
    let name = QueueAttributeName::ApproximateNumberOfMessages;
    let get = local
        .sqs()
        .get_queue_attributes()
        .queue_url(url)
        .attribute_names(name.clone());
    get.send().await.unwrap().attributes.unwrap()[&name].clone()
}

#[tokio::test]
async fn a_refused_call_is_not_performed_and_the_next_one_is() {
    let local = Local::start().await;
    let url = local.queue("q").await;
    let faults = local.endpoints.faults();
    faults.add(Fault::refuse("AmazonSQS.SendMessage", AwsError::internal()).times(2));
    let client = once(&local);
    let send = || {
        client
            .send_message()
            .queue_url(&url)
            .message_body("x")
            .send()
    };
    assert_eq!(code(send().await), "InternalServerError");
    assert_eq!(faults.pending(), 1);
    assert!(send().await.is_err());
    assert_eq!(count(&local, &url).await, "0");
    send().await.unwrap();
    assert_eq!(
        (count(&local, &url).await.as_str(), faults.pending()),
        ("1", 0)
    );
}

#[tokio::test]
async fn the_sdk_retries_over_a_fault() {
    let local = Local::start().await;
    let url = local.queue("q").await;
    local
        .endpoints
        .faults()
        .add(Fault::refuse("AmazonSQS.SendMessage", AwsError::internal()));
    local
        .sqs()
        .send_message()
        .queue_url(&url)
        .message_body("x")
        .send()
        .await
        .unwrap();
    assert_eq!(count(&local, &url).await, "1");
}

#[tokio::test]
async fn an_answer_can_be_lost_after_the_call_was_performed() {
    let local = Local::start().await;
    let url = local.queue("q").await;
    local.endpoints.faults().add(Fault::lose_answer(
        "AmazonSQS.SendMessage",
        AwsError::internal(),
    ));
    let send = once(&local)
        .send_message()
        .queue_url(&url)
        .message_body("x")
        .send()
        .await;
    assert!(send.is_err());
    assert_eq!(count(&local, &url).await, "1");
}

#[tokio::test]
async fn a_predicate_chooses_among_calls() {
    let local = Local::start().await;
    let client = local.dynamo();
    things(&client).await;
    let error = AwsError::new(400, "ProvisionedThroughputExceededException");
    let fault = Fault::refuse("DynamoDB_20120810.PutItem", error)
        .when(|body| body["Item"]["sk"]["S"] == "struck")
        .times(usize::MAX);
    local.endpoints.faults().add(fault);
    let config = aws_sdk_dynamodb::config::Builder::from(&sdk_config(local.endpoints.url()))
        .retry_config(RetryConfig::disabled());
    let client = aws_sdk_dynamodb::Client::from_conf(config.build());
    let put = |sk: &str| {
        client
            .put_item()
            .table_name("things")
            .item("pk", s("a"))
            .item("sk", s(sk))
            .send()
    };
    put("spared").await.unwrap();
    for _ in 0..2 {
        let error = put("struck").await.unwrap_err().into_service_error();
        assert!(
            error.is_provisioned_throughput_exceeded_exception(),
            "{error:?}"
        );
    }
    local.endpoints.faults().clear();
    put("struck").await.unwrap();
}

#[tokio::test]
async fn objects_fail_too() {
    let local = Local::start().await;
    let s3 = local.s3();
    s3.create_bucket().bucket("bucket").send().await.unwrap();
    let error = AwsError::new(403, "AccessDenied");
    let fault = Fault::refuse("S3.GetObject", error).when(|body| body["Key"] == "secret");
    local.endpoints.faults().add(fault);
    assert_eq!(
        code(s3.get_object().bucket("bucket").key("other").send().await),
        "NoSuchKey"
    );
    assert_eq!(
        code(s3.get_object().bucket("bucket").key("secret").send().await),
        "AccessDenied"
    );
}

#[tokio::test]
async fn a_held_call_waits_at_its_gate() {
    let local = Local::start().await;
    let url = local.queue("q").await;
    let (fault, gate) = Fault::hold("AmazonSQS.SendMessage");
    local.endpoints.faults().add(fault);
    let send = local.sqs().send_message().queue_url(&url).message_body("x");
    let sending = tokio::spawn(send.send());
    gate.reached().await;
    assert_eq!(count(&local, &url).await, "0");
    gate.release();
    sending.await.unwrap().unwrap();
    assert_eq!(count(&local, &url).await, "1");
}

#[tokio::test]
async fn a_hanging_call_is_never_performed() {
    let local = Local::start().await;
    let url = local.queue("q").await;
    local
        .endpoints
        .faults()
        .add(Fault::hang("AmazonSQS.SendMessage"));
    let send = once(&local)
        .send_message()
        .queue_url(&url)
        .message_body("x")
        .send();
    assert!(
        tokio::time::timeout(Duration::from_millis(100), send)
            .await
            .is_err()
    );
    assert_eq!(count(&local, &url).await, "0");
    assert_eq!(local.endpoints.faults().pending(), 0);
}

#[tokio::test]
async fn hooks_run_before_and_after() {
    let local = Local::start().await;
    let url = local.queue("q").await;
    let steps = Arc::new(AtomicUsize::new(0));
    let (before, after) = (Arc::clone(&steps), Arc::clone(&steps));
    let faults = local.endpoints.faults();
    faults.add(Fault::before("AmazonSQS.SendMessage", move |body| {
        assert_eq!(body["MessageBody"], "x");
        before.fetch_add(1, Ordering::SeqCst);
    }));
    faults.add(Fault::after("AmazonSQS.SendMessage", move |_| {
        after.fetch_add(10, Ordering::SeqCst);
    }));
    let send = || {
        local
            .sqs()
            .send_message()
            .queue_url(&url)
            .message_body("x")
            .send()
    };
    send().await.unwrap();
    assert_eq!(steps.load(Ordering::SeqCst), 1);
    send().await.unwrap();
    assert_eq!(steps.load(Ordering::SeqCst), 11);
}
