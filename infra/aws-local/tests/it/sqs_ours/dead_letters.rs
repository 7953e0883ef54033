//! Moving dead letters back.

use aws_sdk_sqs::types::{MessageSystemAttributeName, QueueAttributeName};
use serde_json::json;

use super::{poll, receive, send};
use crate::support::{Local, code};

#[tokio::test]
async fn dead_letters_are_moved_back_as_new_messages() {
    let local = Local::start().await;
    let sqs = local.sqs();
    let dead = local.queue("dead").await;
    let arn = |name: &str| format!("arn:aws:sqs:us-east-1:000000000000:{name}");
    let start = |source: String| sqs.start_message_move_task().source_arn(source).send();
    assert_eq!(code(start(arn("none")).await), "ResourceNotFoundException");
    assert_eq!(code(start(arn("dead")).await), "InvalidParameterValue");

    let policy = json!({ "deadLetterTargetArn": arn("dead"), "maxReceiveCount": 1 }).to_string();
    let create = sqs.create_queue().queue_name("live");
    let create = create.attributes(QueueAttributeName::RedrivePolicy, policy);
    let live = create.send().await.unwrap().queue_url.unwrap();
    let id = send(&local, &live, "x").await;
    receive(&local, &live).await;
    local.advance(30);
    let waiting = poll(&local, &dead).await;
    assert!(receive(&local, &live).await.is_empty());
    assert_eq!(waiting.await.unwrap()[0].message_id(), Some(id.as_str()));
    local.advance(30);

    assert!(
        !start(arn("dead"))
            .await
            .unwrap()
            .task_handle()
            .unwrap()
            .is_empty()
    );
    assert!(receive(&local, &dead).await.is_empty());
    let back = receive(&local, &live).await.remove(0);
    assert_eq!(back.body(), Some("x"));
    assert_ne!(back.message_id(), Some(id.as_str()));
    let count = &back.attributes().unwrap()[&MessageSystemAttributeName::ApproximateReceiveCount];
    assert_eq!(count, "1");
    let tasks = sqs
        .list_message_move_tasks()
        .source_arn(arn("dead"))
        .send()
        .await
        .unwrap();
    let task = &tasks.results()[0];
    assert_eq!(task.status(), Some("COMPLETED"));
    assert_eq!(task.approximate_number_of_messages_moved(), 1);
    assert_eq!(task.task_handle(), None);
}

#[tokio::test]
async fn a_dead_letter_without_a_source_stays_and_the_move_has_failed() {
    let local = Local::start().await;
    let sqs = local.sqs();
    let dead = local.queue("dead").await;
    let arn = "arn:aws:sqs:us-east-1:000000000000:dead";
    let policy = json!({ "deadLetterTargetArn": arn, "maxReceiveCount": 1 }).to_string();
    let create = sqs.create_queue().queue_name("live");
    create
        .attributes(QueueAttributeName::RedrivePolicy, policy)
        .send()
        .await
        .unwrap();
    send(&local, &dead, "direct").await;
    sqs.start_message_move_task()
        .source_arn(arn)
        .send()
        .await
        .unwrap();
    let tasks = sqs
        .list_message_move_tasks()
        .source_arn(arn)
        .send()
        .await
        .unwrap();
    assert_eq!(tasks.results()[0].status(), Some("FAILED"));
    let reason = tasks.results()[0].failure_reason();
    assert_eq!(reason, Some("CouldNotDetermineMessageSource"));
    assert_eq!(receive(&local, &dead).await.len(), 1);
}
