//! What happens as time passes, and refusals.

use aws_sdk_sqs::types::{QueueAttributeName, SendMessageBatchRequestEntry};

use super::{receive, send};
use crate::support::{Local, code};

#[tokio::test]
async fn a_message_comes_again_when_its_visibility_timeout_has_passed() {
    let local = Local::start().await;
    let url = local.queue("q").await;
    let id = send(&local, &url, "x").await;
    let first = receive(&local, &url).await.remove(0);
    local.advance(29);
    assert!(receive(&local, &url).await.is_empty());
    local.advance(1);
    let second = receive(&local, &url).await.remove(0);
    assert_eq!(second.message_id(), Some(id.as_str()));
    assert_ne!(second.receipt_handle(), first.receipt_handle());
}

#[tokio::test]
async fn an_expired_handle_still_deletes_while_it_is_the_latest() {
    let local = Local::start().await;
    let url = local.queue("q").await;
    send(&local, &url, "x").await;
    let message = receive(&local, &url).await.remove(0);
    local.advance(60);
    let handle = message.receipt_handle().unwrap();
    local
        .sqs()
        .delete_message()
        .queue_url(&url)
        .receipt_handle(handle)
        .send()
        .await
        .unwrap();
    assert!(receive(&local, &url).await.is_empty());
}

#[tokio::test]
async fn visibility_of_an_expired_message_cannot_be_extended() {
    let local = Local::start().await;
    let url = local.queue("q").await;
    send(&local, &url, "x").await;
    let message = receive(&local, &url).await.remove(0);
    let sqs = local.sqs();
    let hide = || {
        sqs.change_message_visibility()
            .queue_url(&url)
            .receipt_handle(message.receipt_handle().unwrap())
            .visibility_timeout(60)
            .send()
    };
    local.advance(29);
    hide().await.unwrap();
    local.advance(59);
    assert!(
        receive(&local, &url).await.is_empty(),
        "the heartbeat counts from when it came"
    );
    local.advance(1);
    assert_eq!(
        code(hide().await),
        "AWS.SimpleQueueService.MessageNotInflight"
    );
}

#[tokio::test]
async fn a_queue_can_delay_all_its_messages() {
    let local = Local::start().await;
    let create = local.sqs().create_queue().queue_name("slow");
    let create = create.attributes(QueueAttributeName::DelaySeconds, "10");
    let url = create.send().await.unwrap().queue_url.unwrap();
    send(&local, &url, "x").await;
    let now = local
        .sqs()
        .send_message()
        .queue_url(&url)
        .message_body("now")
        .delay_seconds(0);
    now.send().await.unwrap();
    let first = receive(&local, &url).await;
    assert_eq!(first.len(), 1);
    assert_eq!(first[0].body(), Some("now"));
    local.advance(10);
    assert_eq!(receive(&local, &url).await[0].body(), Some("x"));
}

#[tokio::test]
async fn old_messages_are_forgotten() {
    let local = Local::start().await;
    let url = local.queue("q").await;
    send(&local, &url, "x").await;
    local.advance(345_599);
    assert_eq!(receive(&local, &url).await.len(), 1);
    local.advance(1);
    let get = local.sqs().get_queue_attributes().queue_url(&url);
    let all = get
        .attribute_names(QueueAttributeName::All)
        .send()
        .await
        .unwrap();
    let hidden = QueueAttributeName::ApproximateNumberOfMessagesNotVisible;
    assert_eq!(all.attributes().unwrap()[&hidden], "0");
}

#[tokio::test]
async fn a_second_purge_within_a_minute_is_refused() {
    let local = Local::start().await;
    let url = local.queue("q").await;
    let sqs = local.sqs();
    let purge = || sqs.purge_queue().queue_url(&url).send();
    purge().await.unwrap();
    local.advance(59);
    assert_eq!(
        code(purge().await),
        "AWS.SimpleQueueService.PurgeQueueInProgress"
    );
    local.advance(1);
    purge().await.unwrap();
}

#[tokio::test]
async fn fifo_queues_are_refused_in_so_many_words() {
    let local = Local::start().await;
    let refused = local.sqs().create_queue().queue_name("q.fifo").send().await;
    let error = refused.unwrap_err().into_service_error();
    assert!(error.is_unsupported_operation(), "{error:?}");
    assert!(
        error.to_string().contains("UnsupportedOperation"),
        "{error}"
    );
    let refused = local
        .sqs()
        .create_queue()
        .queue_name("q")
        .attributes(QueueAttributeName::FifoQueue, "true");
    assert!(
        refused
            .send()
            .await
            .unwrap_err()
            .into_service_error()
            .is_unsupported_operation()
    );
}

#[tokio::test]
async fn a_delay_that_is_too_long_fails_its_entry_alone() {
    let local = Local::start().await;
    let url = local.queue("q").await;
    let entry = |id: &str, delay| {
        let entry = SendMessageBatchRequestEntry::builder()
            .id(id)
            .message_body("x");
        entry.delay_seconds(delay).build().unwrap()
    };
    let batch = local.sqs().send_message_batch().queue_url(&url);
    let batch = batch.entries(entry("a", 900)).entries(entry("b", 901));
    let answer = batch.send().await.unwrap();
    assert_eq!(answer.successful()[0].id(), "a");
    assert_eq!(
        (answer.failed()[0].id(), answer.failed()[0].code()),
        ("b", "InvalidParameterValue")
    );
}
