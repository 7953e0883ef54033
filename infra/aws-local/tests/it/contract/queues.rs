//! Queues: made, found, changed, listed.

use std::collections::BTreeSet;

use aws_sdk_sqs::types::QueueAttributeName;

use super::{Sqs, contract};
use crate::support::code;

contract! {
    a_queue_is_made_once
    a_queue_that_is_not_there_is_named_so
    attributes_are_checked
    queues_are_listed_by_prefix
    tags_are_kept
    a_purge_takes_all
    counts_tell_visible_hidden_and_delayed_apart
}

async fn a_queue_is_made_once(sqs: Sqs) {
    let timeout = [(QueueAttributeName::VisibilityTimeout, "7")];
    let url = sqs.queue_with("once", &timeout).await;
    assert_eq!(sqs.queue_with("once", &timeout).await, url);
    assert_eq!(sqs.queue("once").await, url);
    let other = sqs
        .client
        .create_queue()
        .queue_name(sqs.name("once"))
        .attributes(QueueAttributeName::VisibilityTimeout, "8");
    assert_eq!(code(other.send().await), "QueueAlreadyExists");
    assert_eq!(
        sqs.attribute(&url, QueueAttributeName::VisibilityTimeout)
            .await,
        "7"
    );
    let arn = sqs.attribute(&url, QueueAttributeName::QueueArn).await;
    assert!(arn.starts_with("arn:aws:sqs:us-east-1:"), "{arn}");
    assert!(arn.ends_with(&sqs.name("once")), "{arn}");
    let found = sqs
        .client
        .get_queue_url()
        .queue_name(sqs.name("once"))
        .send()
        .await
        .unwrap();
    assert_eq!(found.queue_url.unwrap(), url);
}

async fn a_queue_that_is_not_there_is_named_so(sqs: Sqs) {
    let known = sqs.queue("known").await;
    let url = known.replace("known", "unknown");
    let missing = "AWS.SimpleQueueService.NonExistentQueue";
    let get = sqs
        .client
        .get_queue_url()
        .queue_name(sqs.name("unknown"))
        .send()
        .await;
    let error = get.unwrap_err().into_service_error();
    assert!(error.is_queue_does_not_exist(), "{error:?}");
    let send = sqs
        .client
        .send_message()
        .queue_url(&url)
        .message_body("x")
        .send()
        .await;
    assert_eq!(code(send), missing);
    assert_eq!(
        code(sqs.client.receive_message().queue_url(&url).send().await),
        missing
    );
    let delete = sqs
        .client
        .delete_message()
        .queue_url(&url)
        .receipt_handle("x");
    assert_eq!(code(delete.send().await), missing);
}

async fn attributes_are_checked(sqs: Sqs) {
    let url = sqs.queue("settings").await;
    let set = |name: QueueAttributeName, value: &str| {
        sqs.client
            .set_queue_attributes()
            .queue_url(&url)
            .attributes(name, value)
            .send()
    };
    set(QueueAttributeName::VisibilityTimeout, "77")
        .await
        .unwrap();
    assert_eq!(
        sqs.attribute(&url, QueueAttributeName::VisibilityTimeout)
            .await,
        "77"
    );
    assert_eq!(
        sqs.attribute(&url, QueueAttributeName::MessageRetentionPeriod)
            .await,
        "345600"
    );
    assert_eq!(
        sqs.attribute(&url, QueueAttributeName::DelaySeconds).await,
        "0"
    );
    let wrong = set(QueueAttributeName::VisibilityTimeout, "43201").await;
    assert_eq!(code(wrong), "InvalidAttributeValue");
    let all = sqs.client.get_queue_attributes().queue_url(&url);
    let all = all
        .attribute_names(QueueAttributeName::All)
        .send()
        .await
        .unwrap();
    assert_eq!(
        all.attributes().unwrap()[&QueueAttributeName::VisibilityTimeout],
        "77"
    );
}

async fn queues_are_listed_by_prefix(sqs: Sqs) {
    let one = sqs.queue("list-one").await;
    let two = sqs.queue("list-two").await;
    sqs.queue("other").await;
    let list = || {
        let prefix = sqs.name("list-");
        sqs.client.list_queues().queue_name_prefix(prefix)
    };
    let found = list().send().await.unwrap();
    let found: BTreeSet<_> = found.queue_urls().iter().cloned().collect();
    assert_eq!(found, BTreeSet::from([one.clone(), two.clone()]));
    let page = list().max_results(1).send().await.unwrap();
    assert_eq!(page.queue_urls().len(), 1);
    let next = list().max_results(1).next_token(page.next_token().unwrap());
    assert_ne!(next.send().await.unwrap().queue_urls(), page.queue_urls());
    sqs.client
        .delete_queue()
        .queue_url(&one)
        .send()
        .await
        .unwrap();
    assert_eq!(list().send().await.unwrap().queue_urls(), [two]);
}

async fn tags_are_kept(sqs: Sqs) {
    let url = sqs.queue("tags").await;
    let tag = sqs
        .client
        .tag_queue()
        .queue_url(&url)
        .tags("a", "1")
        .tags("b", "2");
    tag.send().await.unwrap();
    sqs.client
        .untag_queue()
        .queue_url(&url)
        .tag_keys("a")
        .send()
        .await
        .unwrap();
    let tags = sqs
        .client
        .list_queue_tags()
        .queue_url(&url)
        .send()
        .await
        .unwrap();
    assert_eq!(tags.tags().unwrap().len(), 1);
    assert_eq!(tags.tags().unwrap()["b"], "2");
}

async fn a_purge_takes_all(sqs: Sqs) {
    let url = sqs.queue("purge").await;
    sqs.send(&url, "a").await;
    sqs.send(&url, "b").await;
    assert_eq!(sqs.receive(&url).await.len(), 2);
    sqs.send(&url, "c").await;
    sqs.client
        .purge_queue()
        .queue_url(&url)
        .send()
        .await
        .unwrap();
    assert!(sqs.receive(&url).await.is_empty());
    let count = QueueAttributeName::ApproximateNumberOfMessagesNotVisible;
    assert_eq!(sqs.attribute(&url, count).await, "0");
}

async fn counts_tell_visible_hidden_and_delayed_apart(sqs: Sqs) {
    let url = sqs.queue("counts").await;
    for body in ["a", "b", "c"] {
        sqs.send(&url, body).await;
    }
    let late = sqs
        .client
        .send_message()
        .queue_url(&url)
        .message_body("d")
        .delay_seconds(600);
    late.send().await.unwrap();
    let one = sqs
        .client
        .receive_message()
        .queue_url(&url)
        .send()
        .await
        .unwrap();
    assert_eq!(
        one.messages.unwrap().len(),
        1,
        "one message when no number is given"
    );
    let expected = [
        (QueueAttributeName::ApproximateNumberOfMessages, "2"),
        (
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
            "1",
        ),
        (QueueAttributeName::ApproximateNumberOfMessagesDelayed, "1"),
    ];
    for (name, value) in expected {
        assert_eq!(sqs.attribute(&url, name.clone()).await, value, "{name}");
    }
}
