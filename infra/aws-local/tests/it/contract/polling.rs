//! Long polling.

use std::time::{Duration, Instant};

use aws_sdk_sqs::types::QueueAttributeName;

use super::{Sqs, contract};

contract! {
    a_long_poll_ends_empty_when_its_time_is_over
    a_long_poll_wakes_when_a_message_is_sent
    a_long_poll_wakes_when_a_message_is_given_back
}

async fn a_long_poll_ends_empty_when_its_time_is_over(sqs: Sqs) {
    let url = sqs.queue("patience").await;
    let started = Instant::now();
    let poll = sqs
        .client
        .receive_message()
        .queue_url(&url)
        .wait_time_seconds(1);
    assert!(poll.send().await.unwrap().messages.is_none());
    let waited = started.elapsed();
    assert!(waited >= Duration::from_millis(950), "{waited:?}");
    assert!(waited < Duration::from_secs(3), "{waited:?}");
}

async fn a_long_poll_wakes_when_a_message_is_sent(sqs: Sqs) {
    let url = sqs.queue("wake").await;
    let poll = sqs
        .client
        .receive_message()
        .queue_url(&url)
        .wait_time_seconds(20);
    let poll = tokio::spawn(poll.send());
    // The answer to another request shows that the server has had time for the poll. Where the
    // send comes first all the same, the poll is still answered at once.
    sqs.attribute(&url, QueueAttributeName::QueueArn).await;
    let started = Instant::now();
    sqs.send(&url, "x").await;
    let messages = poll.await.unwrap().unwrap().messages.unwrap();
    assert_eq!(messages[0].body(), Some("x"));
    assert!(
        started.elapsed() < Duration::from_secs(2),
        "{:?}",
        started.elapsed()
    );
}

async fn a_long_poll_wakes_when_a_message_is_given_back(sqs: Sqs) {
    let url = sqs.queue("back").await;
    sqs.send(&url, "x").await;
    let first = sqs.receive(&url).await.remove(0);
    let poll = sqs
        .client
        .receive_message()
        .queue_url(&url)
        .wait_time_seconds(20);
    let poll = tokio::spawn(poll.send());
    sqs.attribute(&url, QueueAttributeName::QueueArn).await;
    let started = Instant::now();
    sqs.give_back(&url, &first).await;
    let messages = poll.await.unwrap().unwrap().messages.unwrap();
    assert_eq!(messages[0].message_id(), first.message_id());
    assert!(
        started.elapsed() < Duration::from_secs(2),
        "{:?}",
        started.elapsed()
    );
}
