//! Batches.

use std::collections::BTreeSet;

use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry,
    SendMessageBatchResultEntry,
};

use super::{Sqs, contract, entry};
use crate::support::code;

contract! {
    a_batch_is_checked_as_a_whole
    a_batch_reports_each_entry
    batches_delete_and_hide
}

async fn a_batch_is_checked_as_a_whole(sqs: Sqs) {
    let url = sqs.queue("batches").await;
    let large = "x".repeat(250_000);
    let cases: [(&str, Vec<(String, &str)>); 5] = [
        ("EmptyBatchRequest", vec![]),
        (
            "TooManyEntriesInBatchRequest",
            (0..11).map(|n| (n.to_string(), "b")).collect(),
        ),
        (
            "BatchEntryIdsNotDistinct",
            vec![("a".to_owned(), "b"), ("a".to_owned(), "b")],
        ),
        ("InvalidBatchEntryId", vec![("not good".to_owned(), "b")]),
        (
            "BatchRequestTooLong",
            (0..5).map(|n| (n.to_string(), large.as_str())).collect(),
        ),
    ];
    for (expected, entries) in cases {
        let entries = entries.iter().map(|(id, body)| entry(id, body)).collect();
        let batch = sqs
            .client
            .send_message_batch()
            .queue_url(&url)
            .set_entries(Some(entries));
        let refused = code(batch.send().await);
        assert_eq!(refused, format!("AWS.SimpleQueueService.{expected}"));
    }
    assert!(
        sqs.receive(&url).await.is_empty(),
        "nothing of a refused batch is sent"
    );
}

async fn a_batch_reports_each_entry(sqs: Sqs) {
    let url = sqs.queue("entries").await;
    let batch = sqs
        .client
        .send_message_batch()
        .queue_url(&url)
        .entries(entry("good", "one"))
        .entries(entry("bad", "\u{1}"))
        .entries(entry("fine", "two"));
    let answer = batch.send().await.unwrap();
    let good: Vec<_> = answer
        .successful()
        .iter()
        .map(SendMessageBatchResultEntry::id)
        .collect();
    assert_eq!(good, ["good", "fine"]);
    let [failed] = answer.failed() else {
        panic!("{answer:?}")
    };
    assert_eq!((failed.id(), failed.sender_fault()), ("bad", true));
    assert_eq!(failed.code(), "InvalidMessageContents");
    let bodies: BTreeSet<_> = sqs
        .receive(&url)
        .await
        .into_iter()
        .map(|message| message.body.unwrap())
        .collect();
    assert_eq!(bodies, BTreeSet::from(["one".to_owned(), "two".to_owned()]));
}

async fn batches_delete_and_hide(sqs: Sqs) {
    let url = sqs.queue("many").await;
    for body in ["a", "b", "c"] {
        sqs.send(&url, body).await;
    }
    let received = sqs.receive(&url).await;
    let handle = |n: usize| received[n].receipt_handle().unwrap();
    let give_back = |id: &str, handle: &str| {
        ChangeMessageVisibilityBatchRequestEntry::builder()
            .id(id)
            .receipt_handle(handle)
            .visibility_timeout(0)
            .build()
            .unwrap()
    };
    let answer = sqs
        .client
        .change_message_visibility_batch()
        .queue_url(&url)
        .entries(give_back("back", handle(0)))
        .entries(give_back("wrong", "not a handle"))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.successful()[0].id(), "back");
    assert_eq!(answer.failed()[0].id(), "wrong");
    assert_eq!(answer.failed()[0].code(), "ReceiptHandleIsInvalid");
    let delete = |id: &str, handle: &str| {
        DeleteMessageBatchRequestEntry::builder()
            .id(id)
            .receipt_handle(handle)
            .build()
            .unwrap()
    };
    let answer = sqs
        .client
        .delete_message_batch()
        .queue_url(&url)
        .entries(delete("one", handle(1)))
        .entries(delete("two", handle(2)))
        .entries(delete("wrong", "not a handle"))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.successful().len(), 2);
    assert_eq!(answer.failed()[0].id(), "wrong");
    let left = sqs.receive(&url).await;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].message_id(), received[0].message_id());
}
