//! Messages: what comes back, when, and to whom.

use std::collections::BTreeSet;

use aws_sdk_sqs::error::ProvideErrorMetadata as _;
use aws_sdk_sqs::primitives::Blob;
use aws_sdk_sqs::types::{
    Message, MessageAttributeValue, MessageSystemAttributeName, QueueAttributeName,
};

use super::{Sqs, contract, system};
use crate::support::code;

contract! {
    a_message_comes_back_as_it_was_sent
    attributes_come_with_their_checksum
    a_received_message_is_hidden_until_told_otherwise
    a_wrong_handle_is_refused
    visibility_of_a_deleted_message_cannot_change
    too_large_a_message_is_refused
    characters_outside_xml_are_refused
    a_group_is_accepted_and_told
    at_most_ten_are_received
    a_message_received_too_often_goes_to_the_dead_letter_queue
}

async fn a_message_comes_back_as_it_was_sent(sqs: Sqs) {
    let url = sqs.queue("round").await;
    let body = "hello";
    let sent = sqs
        .client
        .send_message()
        .queue_url(&url)
        .message_body(body)
        .send()
        .await;
    let sent = sent.unwrap();
    assert_eq!(
        sent.md5_of_message_body(),
        Some("5d41402abc4b2a76b9719d911017c592")
    );
    assert_eq!(sent.md5_of_message_attributes(), None);
    let received = sqs.receive(&url).await;
    let [message] = &received[..] else {
        panic!("{received:?}")
    };
    assert_eq!(message.body(), Some(body));
    assert_eq!(message.message_id(), sent.message_id());
    assert_eq!(message.md5_of_body(), sent.md5_of_message_body());
    let count = system(
        message,
        &MessageSystemAttributeName::ApproximateReceiveCount,
    );
    assert_eq!(count, "1");
    let at = |name| system(message, &name).parse::<i64>().unwrap();
    let sent_at = at(MessageSystemAttributeName::SentTimestamp);
    let first = at(MessageSystemAttributeName::ApproximateFirstReceiveTimestamp);
    assert!(sent_at > 1_500_000_000_000, "milliseconds: {sent_at}");
    assert!(first >= sent_at, "{first} {sent_at}");
    sqs.delete(&url, message).await;
    assert_eq!(
        sqs.attribute(
            &url,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible
        )
        .await,
        "0"
    );
}

async fn attributes_come_with_their_checksum(sqs: Sqs) {
    let url = sqs.queue("attributes").await;
    let number = MessageAttributeValue::builder()
        .data_type("Number")
        .string_value("1493147359900")
        .build()
        .unwrap();
    let message = sqs.client.send_message().queue_url(&url).message_body("x");
    let first = message
        .message_attributes("timestamp", number)
        .send()
        .await
        .unwrap();
    let known = "235c5c510d26fb653d073faed50ae77c";
    assert_eq!(first.md5_of_message_attributes(), Some(known));
    let bytes = MessageAttributeValue::builder()
        .data_type("Binary.raw")
        .binary_value(Blob::new([0, 1, 255]))
        .build()
        .unwrap();
    let text = MessageAttributeValue::builder()
        .data_type("String")
        .string_value("t")
        .build()
        .unwrap();
    let send = sqs.client.send_message().queue_url(&url).message_body("y");
    send.message_attributes("bytes", bytes.clone())
        .message_attributes("a.text", text)
        .send()
        .await
        .unwrap();
    let received = sqs.receive(&url).await;
    let find = |body| {
        received
            .iter()
            .find(|message| message.body() == Some(body))
            .unwrap()
    };
    assert_eq!(find("x").md5_of_message_attributes(), Some(known));
    assert_eq!(find("y").message_attributes().unwrap()["bytes"], bytes);
    assert_eq!(find("y").message_attributes().unwrap().len(), 2);
    let plain = sqs
        .client
        .receive_message()
        .queue_url(&url)
        .send()
        .await
        .unwrap();
    assert!(plain.messages.is_none());
}

async fn a_received_message_is_hidden_until_told_otherwise(sqs: Sqs) {
    let url = sqs.queue("hidden").await;
    sqs.send(&url, "x").await;
    let first = sqs.receive(&url).await.remove(0);
    assert!(sqs.receive(&url).await.is_empty());
    sqs.give_back(&url, &first).await;
    let second = sqs.receive(&url).await.remove(0);
    assert_eq!(second.message_id(), first.message_id());
    assert_ne!(second.receipt_handle(), first.receipt_handle());
    let count = system(
        &second,
        &MessageSystemAttributeName::ApproximateReceiveCount,
    );
    assert_eq!(count, "2");
    let first_at = MessageSystemAttributeName::ApproximateFirstReceiveTimestamp;
    assert_eq!(system(&second, &first_at), system(&first, &first_at));
}

async fn a_wrong_handle_is_refused(sqs: Sqs) {
    let url = sqs.queue("handles").await;
    let delete = sqs
        .client
        .delete_message()
        .queue_url(&url)
        .receipt_handle("not a handle");
    assert_eq!(code(delete.send().await), "ReceiptHandleIsInvalid");
    let hide = sqs
        .client
        .change_message_visibility()
        .queue_url(&url)
        .visibility_timeout(5);
    let refused = hide.receipt_handle("not a handle").send().await;
    assert_eq!(code(refused), "ReceiptHandleIsInvalid");
}

async fn visibility_of_a_deleted_message_cannot_change(sqs: Sqs) {
    let url = sqs.queue("deleted").await;
    sqs.send(&url, "x").await;
    let message = sqs.receive(&url).await.remove(0);
    let handle = message.receipt_handle().unwrap();
    let delete = sqs
        .client
        .delete_message()
        .queue_url(&url)
        .receipt_handle(handle);
    delete.send().await.unwrap();
    let hide = sqs
        .client
        .change_message_visibility()
        .queue_url(&url)
        .receipt_handle(handle);
    assert!(hide.visibility_timeout(5).send().await.is_err());
}

async fn too_large_a_message_is_refused(sqs: Sqs) {
    let size = [(QueueAttributeName::MaximumMessageSize, "1024")];
    let url = sqs.queue_with("small", &size).await;
    let send = |length: usize| {
        let body = "x".repeat(length);
        sqs.client
            .send_message()
            .queue_url(&url)
            .message_body(body)
            .send()
    };
    send(1024).await.unwrap();
    assert_eq!(code(send(1025).await), "InvalidParameterValue");
    let url = sqs.queue("usual").await;
    let body = "x".repeat(262_144);
    sqs.client
        .send_message()
        .queue_url(&url)
        .message_body(body)
        .send()
        .await
        .unwrap();
}

async fn characters_outside_xml_are_refused(sqs: Sqs) {
    let url = sqs.queue("characters").await;
    let send = |body: &str| {
        sqs.client
            .send_message()
            .queue_url(&url)
            .message_body(body)
            .send()
    };
    for body in ["\u{0}", "a\u{8}", "\u{b}", "\u{fffe}", "\u{ffff}"] {
        let error = send(body).await.unwrap_err().into_service_error();
        assert!(
            error.is_invalid_message_contents(),
            "{body:?} {:?}",
            error.code()
        );
    }
    let body = "\t\n\r \u{7f}\u{d7ff}\u{e000}\u{fffd}\u{10000}\u{10ffff}";
    send(body).await.unwrap();
    assert_eq!(sqs.receive(&url).await[0].body(), Some(body));
    assert!(send("").await.is_err());
}

async fn a_group_is_accepted_and_told(sqs: Sqs) {
    let url = sqs.queue("groups").await;
    let send = sqs.client.send_message().queue_url(&url).message_body("x");
    send.message_group_id("tenant-1").send().await.unwrap();
    let message = sqs.receive(&url).await.remove(0);
    let group = system(&message, &MessageSystemAttributeName::MessageGroupId);
    assert_eq!(group, "tenant-1");
}

async fn at_most_ten_are_received(sqs: Sqs) {
    let url = sqs.queue("ten").await;
    for n in 0..12 {
        sqs.send(&url, &n.to_string()).await;
    }
    let receive = |most| {
        sqs.client
            .receive_message()
            .queue_url(&url)
            .max_number_of_messages(most)
            .send()
    };
    for most in [0, 11] {
        assert!(receive(most).await.is_err(), "{most}");
    }
    let first = receive(10).await.unwrap().messages.unwrap();
    let second = receive(10).await.unwrap().messages.unwrap();
    let ids: BTreeSet<_> = first
        .iter()
        .chain(&second)
        .map(Message::message_id)
        .collect();
    assert_eq!(ids.len(), 12, "each message once");
}

async fn a_message_received_too_often_goes_to_the_dead_letter_queue(sqs: Sqs) {
    let dead = sqs.queue("dead").await;
    let target = sqs.attribute(&dead, QueueAttributeName::QueueArn).await;
    let policy = format!(r#"{{"deadLetterTargetArn":"{target}","maxReceiveCount":"2"}}"#);
    let policy = [(QueueAttributeName::RedrivePolicy, policy.as_str())];
    let url = sqs.queue_with("poison", &policy).await;
    let id = sqs.send(&url, "x").await;
    for _ in 0..2 {
        let message = sqs.receive(&url).await.remove(0);
        assert!(sqs.receive(&dead).await.is_empty());
        sqs.give_back(&url, &message).await;
    }
    assert!(sqs.receive(&url).await.is_empty());
    let message = sqs.receive(&dead).await.remove(0);
    assert_eq!(message.message_id(), Some(id.as_str()));
    let source = MessageSystemAttributeName::DeadLetterQueueSourceArn;
    let arn = sqs.attribute(&url, QueueAttributeName::QueueArn).await;
    assert_eq!(system(&message, &source), arn);
}
