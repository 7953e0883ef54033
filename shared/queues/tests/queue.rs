//! Queues against an endpoint that speaks the real protocol.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::time::Duration;

use aws_local::{AwsError, Config, Endpoints, Fault, ManualClock};
use aws_sdk_sqs::{Client, config::retry::RetryConfig};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use switchyard_queues::{Queue, QueueError, SIZE_LIMIT};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Note {
    text: String,
}

fn note(text: &str) -> Note {
    Note {
        text: text.to_owned(),
    }
}

struct World {
    endpoints: Endpoints,
    clock: ManualClock,
    client: Client,
    url: String,
    queue: Queue<Note>,
}

async fn world() -> World {
    let clock = ManualClock::new(Timestamp::from_second(1_800_000_000).unwrap());
    let config = Config::in_memory(clock.clock());
    let endpoints = Endpoints::start(config).await.unwrap();
    let config = aws_sdk_sqs::config::Builder::from(&aws_local::sdk_config(endpoints.url()))
        .retry_config(RetryConfig::disabled());
    let client = Client::from_conf(config.build());
    let made = client
        .create_queue()
        .queue_name("notes")
        .send()
        .await
        .unwrap();
    let url = made.queue_url.unwrap();
    let queue = Queue::new(client.clone(), &url);
    World {
        endpoints,
        clock,
        client,
        url,
        queue,
    }
}

impl World {
    fn pass(&self, seconds: i64) {
        self.clock.advance(SignedDuration::from_secs(seconds));
        self.endpoints.clock_moved();
    }

    async fn texts(&self) -> Vec<String> {
        let received = self.queue.receive(Duration::ZERO, 10).await.unwrap();
        received
            .into_iter()
            .map(|one| one.message.unwrap().text)
            .collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_comes_until_it_is_deleted() {
    let w = world().await;
    let text = "any text: null\0 \u{fffe} \u{7f} naïve 🦀";
    let id = w.queue.send(&note(text), Some("ten_acme")).await.unwrap();
    let first = w.queue.receive(Duration::ZERO, 1).await.unwrap().remove(0);
    assert_eq!(first.message, Ok(note(text)));
    assert_eq!((first.id.as_str(), first.receives), (id.as_str(), 1));
    assert!(w.texts().await.is_empty());

    w.pass(31);
    let again = w.queue.receive(Duration::ZERO, 1).await.unwrap().remove(0);
    assert_eq!(again.receives, 2);
    w.queue.delete(&again.handle).await.unwrap();
    w.queue.delete(&again.handle).await.unwrap();
    w.pass(31);
    assert!(w.texts().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn visibility_is_extended_and_given_up() {
    let w = world().await;
    w.queue.send(&note("a"), None).await.unwrap();
    let held = w.queue.receive(Duration::ZERO, 1).await.unwrap().remove(0);
    w.queue
        .set_visibility(&held.handle, Duration::from_millis(119_500))
        .await
        .unwrap();
    w.pass(119);
    assert!(w.texts().await.is_empty());
    w.queue
        .set_visibility(&held.handle, Duration::ZERO)
        .await
        .unwrap();
    let back = w.queue.receive(Duration::ZERO, 1).await.unwrap().remove(0);
    w.queue.delete(&back.handle).await.unwrap();
    let gone = w
        .queue
        .set_visibility(&back.handle, Duration::from_secs(9))
        .await;
    assert_eq!(gone, Err(QueueError::Gone));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_receiver_gets_what_is_sent() {
    let w = world().await;
    let queue = w.queue.clone();
    let waiting = tokio::spawn(async move { queue.receive(Duration::from_secs(20), 10).await });
    w.queue.send(&note("a"), None).await.unwrap();
    let got = waiting.await.unwrap().unwrap();
    assert_eq!(got.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_still_received() {
    let w = world().await;
    for body in ["secret garbage", r#"{"text":7}"#, "{}"] {
        w.client
            .send_message()
            .queue_url(&w.url)
            .message_body(body)
            .send()
            .await
            .unwrap();
    }
    let mut received = w.queue.receive(Duration::ZERO, 10).await.unwrap();
    received.extend(w.queue.receive(Duration::ZERO, 10).await.unwrap());
    assert_eq!(received.len(), 3);
    for one in received {
        let error = one.message.unwrap_err().to_string();
        assert!(!error.contains("secret"), "{error}");
        w.queue.delete(&one.handle).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn too_large_is_refused_before_it_is_sent() {
    let w = world().await;
    w.endpoints.forget_calls();
    let frame = r#"{"text":""}"#.len();
    let fits = note(&"x".repeat(SIZE_LIMIT - frame));
    let large = note(&"x".repeat(SIZE_LIMIT - frame + 1));
    // One character that grows when it is written.
    let grows = note(&"é".repeat(SIZE_LIMIT / 6));
    assert_eq!(w.queue.send(&large, None).await, Err(QueueError::TooLarge));
    assert_eq!(w.queue.send(&grows, None).await, Err(QueueError::TooLarge));
    assert!(w.endpoints.calls().is_empty());
    assert!(w.queue.send(&fits, None).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_that_takes_less_says_so() {
    let w = world().await;
    let limit = aws_sdk_sqs::types::QueueAttributeName::MaximumMessageSize;
    let small = w
        .client
        .create_queue()
        .queue_name("small")
        .attributes(limit, "1024");
    let url = small.send().await.unwrap().queue_url.unwrap();
    let queue = Queue::new(w.client.clone(), url);
    let refused = queue.send(&note(&"x".repeat(2_000)), None).await;
    assert_eq!(refused, Err(QueueError::TooLarge));
}

#[tokio::test(flavor = "multi_thread")]
async fn trouble_is_unavailable_and_refusals_are_rejected() {
    let w = world().await;
    let send = "AmazonSQS.SendMessage";
    for error in [
        AwsError::internal(),
        AwsError::new(503, "ServiceUnavailable"),
        AwsError::new(400, "ThrottlingException"),
        AwsError::new(403, "RequestThrottled"),
    ] {
        w.endpoints.faults().add(Fault::refuse(send, error.clone()));
        let failed = w.queue.send(&note("a"), None).await.unwrap_err();
        assert!(failed.is_transient(), "{error:?} {failed:?}");
    }
    w.endpoints
        .faults()
        .add(Fault::refuse(send, AwsError::new(403, "AccessDenied")));
    let refused = w.queue.send(&note("a"), None).await.unwrap_err();
    assert!(matches!(&refused, QueueError::Rejected { reason } if reason.contains("AccessDenied")));
    assert_eq!(w.endpoints.faults().pending(), 0);

    let nowhere: Queue<Note> = Queue::new(w.client.clone(), format!("{}x", w.url));
    let missing = nowhere.receive(Duration::ZERO, 1).await.unwrap_err();
    assert!(
        matches!(missing, QueueError::Rejected { .. }),
        "{missing:?}"
    );

    w.endpoints.shutdown().await;
    let down = w.queue.send(&note("a"), None).await.unwrap_err();
    assert!(down.is_transient(), "{down:?}");
}
