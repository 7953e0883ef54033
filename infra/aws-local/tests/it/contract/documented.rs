//! What AWS documents and emulators are known to leave out; asked of these endpoints alone.

use aws_sdk_sqs::types::{Message, QueueAttributeName};

use super::{Sqs, ours_alone};
use crate::support::code;

ours_alone! {
    a_stale_handle_deletes_nothing
    deleting_twice_succeeds
    queue_names_are_checked
    visibility_has_a_range
    unknown_attributes_are_refused
    a_wait_of_more_than_twenty_seconds_is_refused
    dead_letter_sources_are_listed
    no_attributes_are_told_when_none_are_asked_for
}

async fn a_stale_handle_deletes_nothing(sqs: Sqs) {
    let url = sqs.queue("stale").await;
    sqs.send(&url, "x").await;
    let first = sqs.receive(&url).await.remove(0);
    sqs.give_back(&url, &first).await;
    let second = sqs.receive(&url).await.remove(0);
    let delete = |message: &Message| {
        let handle = message.receipt_handle().unwrap();
        sqs.client
            .delete_message()
            .queue_url(&url)
            .receipt_handle(handle)
            .send()
    };
    delete(&first).await.unwrap();
    sqs.give_back(&url, &second).await;
    let third = sqs.receive(&url).await.remove(0);
    delete(&third).await.unwrap();
    let count = QueueAttributeName::ApproximateNumberOfMessagesNotVisible;
    assert_eq!(sqs.attribute(&url, count).await, "0");
}

async fn deleting_twice_succeeds(sqs: Sqs) {
    let url = sqs.queue("twice").await;
    sqs.send(&url, "x").await;
    let message = sqs.receive(&url).await.remove(0);
    sqs.delete(&url, &message).await;
    sqs.delete(&url, &message).await;
}

async fn queue_names_are_checked(sqs: Sqs) {
    for name in ["has space", "", "dot.dot", &"x".repeat(81)] {
        let made = sqs.client.create_queue().queue_name(name).send().await;
        assert!(made.is_err(), "{name:?}");
    }
    assert!(
        !sqs.queue(&"y".repeat(80 - sqs.run.len() - 1))
            .await
            .is_empty()
    );
}

async fn visibility_has_a_range(sqs: Sqs) {
    let url = sqs.queue("range").await;
    sqs.send(&url, "x").await;
    let message = sqs.receive(&url).await.remove(0);
    let hide = |seconds| {
        sqs.client
            .change_message_visibility()
            .queue_url(&url)
            .receipt_handle(message.receipt_handle().unwrap())
            .visibility_timeout(seconds)
            .send()
    };
    assert_eq!(code(hide(43_201).await), "InvalidParameterValue");
    assert_eq!(code(hide(-1).await), "InvalidParameterValue");
    hide(43_200).await.unwrap();
    let receive = sqs
        .client
        .receive_message()
        .queue_url(&url)
        .visibility_timeout(43_201);
    assert_eq!(code(receive.send().await), "InvalidParameterValue");
}

async fn unknown_attributes_are_refused(sqs: Sqs) {
    let url = sqs.queue("unknown").await;
    let name = || QueueAttributeName::from("NoSuchThing");
    let set = sqs.client.set_queue_attributes().queue_url(&url);
    let set = set.attributes(name(), "1").send().await;
    assert_eq!(code(set), "InvalidAttributeName");
    let get = sqs.client.get_queue_attributes().queue_url(&url);
    let get = get.attribute_names(name()).send().await;
    assert_eq!(code(get), "InvalidAttributeName");
}

async fn a_wait_of_more_than_twenty_seconds_is_refused(sqs: Sqs) {
    let url = sqs.queue("wait").await;
    let poll = sqs.client.receive_message().queue_url(&url);
    let refused = code(poll.wait_time_seconds(21).send().await);
    assert_eq!(refused, "InvalidParameterValue");
}

async fn dead_letter_sources_are_listed(sqs: Sqs) {
    let dead = sqs.queue("grave").await;
    let target = sqs.attribute(&dead, QueueAttributeName::QueueArn).await;
    let policy = format!(r#"{{"deadLetterTargetArn":"{target}","maxReceiveCount":5}}"#);
    let policy = [(QueueAttributeName::RedrivePolicy, policy.as_str())];
    let url = sqs.queue_with("living", &policy).await;
    let sources = sqs
        .client
        .list_dead_letter_source_queues()
        .queue_url(&dead)
        .send()
        .await;
    assert_eq!(sources.unwrap().queue_urls(), [url]);
    let missing = r#"{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:no-such-queue","maxReceiveCount":5}"#;
    let made = sqs
        .client
        .create_queue()
        .queue_name(sqs.name("lost"))
        .attributes(QueueAttributeName::RedrivePolicy, missing);
    assert!(made.send().await.is_err());
}

async fn no_attributes_are_told_when_none_are_asked_for(sqs: Sqs) {
    let url = sqs.queue("silent").await;
    let get = sqs.client.get_queue_attributes().queue_url(&url);
    assert_eq!(get.send().await.unwrap().attributes(), None);
}
