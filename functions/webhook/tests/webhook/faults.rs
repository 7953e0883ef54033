//! The queue or the bucket in trouble: nothing is accepted, nothing is half-done.

use aws_local::{AwsError, Fault};

use crate::support::{delivery, world};

/// A new comment of which too little can be read to say that it asks for nothing.
const COMMENT: &str = r#"{"action":"created"}"#;

#[tokio::test(flavor = "multi_thread")]
async fn without_the_queue_nothing_is_accepted() {
    let w = world().await;
    for error in [AwsError::internal(), AwsError::new(403, "AccessDenied")] {
        w.endpoints
            .faults()
            .add(Fault::refuse("AmazonSQS.SendMessage", error));
        let answer = w.send(delivery("issue_comment", COMMENT)).await;
        assert_eq!(answer.status, 503);
        assert_eq!(answer.headers["retry-after"], "10");
        let problem = answer.problem();
        assert_eq!(problem.code.as_str(), "unavailable");
        assert!(
            !answer.body.contains("Access") && !answer.body.contains("queue"),
            "{problem:?}"
        );
    }
    assert!(w.queued().await.is_empty());
    // The same delivery, sent again, is accepted.
    assert_eq!(w.send(delivery("issue_comment", COMMENT)).await.status, 202);
    assert_eq!(w.queued().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_bucket_a_large_delivery_is_not_announced() {
    let w = world().await;
    let mut state = 7_u32;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    })
    .take(300_000)
    .collect();
    w.endpoints.faults().add(Fault::refuse(
        "S3.PutObject",
        AwsError::new(500, "InternalError"),
    ));
    let answer = w.send(delivery("issues", noise.clone())).await;
    assert_eq!(
        (answer.status.as_u16(), answer.problem().code.as_str()),
        (503, "unavailable")
    );
    assert!(w.queued().await.is_empty());
    assert_eq!(w.send(delivery("issues", noise)).await.status, 202);
    assert_eq!(w.queued().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_of_the_queue_is_not_an_acceptance() {
    let w = world().await;
    let lost = Fault::lose_answer("AmazonSQS.SendMessage", AwsError::internal());
    w.endpoints.faults().add(lost);
    assert_eq!(w.send(delivery("issue_comment", COMMENT)).await.status, 503);
    // The message is there all the same; its reader bears duplicates.
    assert_eq!(w.queued().await.len(), 1);
}
