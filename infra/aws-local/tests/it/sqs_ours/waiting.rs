//! Those who wait, and how waits end.

use std::io::Write as _;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::json;

use super::{looks, poll, receive, send};
use crate::support::{Local, code};

#[tokio::test]
async fn a_long_poll_wakes_when_the_clock_passes_a_timeout_or_a_delay() {
    let local = Local::start().await;
    let url = local.queue("q").await;
    let id = send(&local, &url, "x").await;
    receive(&local, &url).await;
    let waiting = poll(&local, &url).await;
    local.advance(30);
    assert_eq!(waiting.await.unwrap()[0].message_id(), Some(id.as_str()));

    let late = local
        .sqs()
        .send_message()
        .queue_url(&url)
        .message_body("late")
        .delay_seconds(9);
    late.send().await.unwrap();
    let waiting = poll(&local, &url).await;
    local.advance(9);
    assert_eq!(waiting.await.unwrap()[0].body(), Some("late"));
}

#[tokio::test]
async fn a_caller_who_goes_away_while_waiting_takes_no_message_along() {
    let local = Local::start().await;
    let url = local.queue("q").await;
    let address = local
        .endpoints
        .url()
        .strip_prefix("http://")
        .unwrap()
        .to_owned();
    let mut looks = looks(&local);
    let body = json!({ "QueueUrl": url, "WaitTimeSeconds": 20 }).to_string();
    let mut raw = TcpStream::connect(&address).unwrap();
    let request = format!(
        "POST / HTTP/1.1\r\nHost: {address}\r\nX-Amz-Target: AmazonSQS.ReceiveMessage\r\n\
         Content-Type: application/x-amz-json-1.0\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    raw.write_all(request.as_bytes()).unwrap();
    looks.recv().await.unwrap();
    drop(raw);
    // A whole request later the server has seen the connection close.
    local.sqs().list_queues().send().await.unwrap();
    send(&local, &url, "x").await;
    assert_eq!(receive(&local, &url).await.len(), 1);
}

#[tokio::test]
async fn twenty_long_polls_share_messages_and_wake_fast() {
    let local = Local::start().await;
    let url = local.queue("q").await;
    let mut polls = Vec::new();
    for _ in 0..20 {
        polls.push(poll(&local, &url).await);
    }
    let started = Instant::now();
    for n in 0..20 {
        send(&local, &url, &n.to_string()).await;
    }
    let mut bodies = Vec::new();
    for poll in polls {
        bodies.extend(
            poll.await
                .unwrap()
                .into_iter()
                .map(|message| message.body.unwrap()),
        );
    }
    bodies.sort_by_key(|body| body.parse::<i32>().unwrap());
    let expected: Vec<_> = (0..20).map(|n| n.to_string()).collect();
    assert_eq!(bodies, expected);
    assert!(
        started.elapsed() < Duration::from_secs(5),
        "{:?}",
        started.elapsed()
    );
}

#[tokio::test]
async fn a_long_poll_ends_when_the_queue_goes_or_the_endpoints_stop() {
    let local = Local::start().await;
    let url = local.queue("gone").await;
    let mut looks = looks(&local);
    let polled = local
        .sqs()
        .receive_message()
        .queue_url(&url)
        .wait_time_seconds(20);
    let polled = tokio::spawn(polled.send());
    looks.recv().await.unwrap();
    local
        .sqs()
        .delete_queue()
        .queue_url(&url)
        .send()
        .await
        .unwrap();
    assert_eq!(
        code(polled.await.unwrap()),
        "AWS.SimpleQueueService.NonExistentQueue"
    );

    let url = local.queue("q").await;
    let waiting = poll(&local, &url).await;
    let started = Instant::now();
    local.endpoints.shutdown().await;
    assert!(waiting.await.unwrap().is_empty());
    assert!(
        started.elapsed() < Duration::from_secs(4),
        "{:?}",
        started.elapsed()
    );
}

#[tokio::test]
async fn an_action_that_does_not_exist_is_refused() {
    let local = Local::start().await;
    let address = local
        .endpoints
        .url()
        .strip_prefix("http://")
        .unwrap()
        .to_owned();
    let answer = tokio::task::spawn_blocking(move || {
        use std::io::Read as _;
        let mut raw = TcpStream::connect(&address).unwrap();
        write!(
            raw,
            "POST / HTTP/1.1\r\nHost: x.example\r\nConnection: close\r\n\
            X-Amz-Target: AmazonSQS.Dance\r\nContent-Length: 2\r\n\r\n{{}}"
        )
        .unwrap();
        let mut answer = String::new();
        raw.read_to_string(&mut answer).unwrap();
        answer
    });
    let answer = answer.await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    assert!(
        answer.contains("x-amzn-query-error: InvalidAction;Sender"),
        "{answer}"
    );
}
