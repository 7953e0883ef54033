//! Batches of a table's stream.

use std::{collections::HashMap, fmt::Display, hash::Hash, panic::AssertUnwindSafe};

use aws_lambda_events::event::{
    dynamodb::{Event, EventRecord},
    streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse},
};
use futures_util::{FutureExt as _, StreamExt as _, stream};

use crate::problem::panic_text;

/// How many subjects are handled at once.
const AT_ONCE: usize = 8;

/// Handles a batch by its subjects: `subject_of` says what a record is about, and `handler` is called once
/// for each subject, however many records are about it. It is for handlers that read the present state
/// rather than the record; telling the same subject twice at once is what this prevents.
///
/// If a handler fails or panics, the earliest record of its subject is reported and the stream comes again
/// from there, so a handler must bear being called again. The error is logged here, once.
pub async fn handle_stream<S, F, E>(
    event: Event,
    subject_of: impl Fn(&EventRecord) -> Option<S>,
    handler: impl Fn(S) -> F,
) -> DynamoDbEventResponse
where
    S: Eq + Hash,
    F: Future<Output = Result<(), E>>,
    E: Display,
{
    let handler = &handler;
    let failed: Vec<(usize, String)> = stream::iter(subjects(&event.records, subject_of))
        .map(|(subject, place, sequence)| async move {
            let failed = handle(subject, &sequence, handler).await;
            failed.then_some((place, sequence))
        })
        .buffer_unordered(AT_ONCE)
        .filter_map(std::future::ready)
        .collect()
        .await;
    let mut response = DynamoDbEventResponse::default();
    if let Some((_, sequence)) = failed.into_iter().min() {
        let mut failure = DynamoDbBatchItemFailure::default();
        failure.item_identifier = Some(sequence);
        response.batch_item_failures.push(failure);
    }
    response
}

/// Each subject with the place and the sequence number of its earliest record.
fn subjects<S: Eq + Hash>(
    records: &[EventRecord],
    subject_of: impl Fn(&EventRecord) -> Option<S>,
) -> Vec<(S, usize, String)> {
    let mut earliest: HashMap<S, (usize, String)> = HashMap::new();
    for (place, record) in records.iter().enumerate() {
        if let Some(subject) = subject_of(record) {
            let sequence = record.change.sequence_number.clone().unwrap_or_default();
            earliest.entry(subject).or_insert((place, sequence));
        }
    }
    let mut subjects: Vec<_> = earliest
        .into_iter()
        .map(|(subject, (place, sequence))| (subject, place, sequence))
        .collect();
    subjects.sort_unstable_by_key(|(_, place, _)| *place);
    subjects
}

/// Whether it failed.
async fn handle<S, F, E>(subject: S, sequence: &str, handler: &impl Fn(S) -> F) -> bool
where
    F: Future<Output = Result<(), E>>,
    E: Display,
{
    match AssertUnwindSafe(async { handler(subject).await })
        .catch_unwind()
        .await
    {
        Ok(Ok(())) => return false,
        Ok(Err(error)) => {
            tracing::warn!(record.sequence = sequence, %error, "a record failed and will come again");
        }
        Err(cause) => {
            let panic = panic_text(cause.as_ref());
            tracing::error!(
                record.sequence = sequence,
                panic,
                "the handler of a record panicked"
            );
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    fn event(records: &[(&str, &str)]) -> Event {
        let records: Vec<_> = records
            .iter()
            .map(|(subject, sequence)| {
                serde_json::json!({
                    "awsRegion": "us-east-1",
                    "eventID": sequence,
                    "eventName": "MODIFY",
                    "dynamodb": {
                        "ApproximateCreationDateTime": 0.0,
                        "Keys": { "pk": { "S": subject } },
                        "SequenceNumber": sequence,
                        "SizeBytes": 1,
                    },
                })
            })
            .collect();
        serde_json::from_value(serde_json::json!({ "Records": records })).unwrap()
    }

    fn subject(record: &EventRecord) -> Option<String> {
        let text = format!("{:?}", record.change.keys.inner().get("pk")?);
        (!text.contains("other")).then_some(text)
    }

    #[tokio::test]
    async fn each_subject_is_handled_once_and_the_earliest_failure_is_reported() {
        let handled = Mutex::new(Vec::new());
        let batch = event(&[
            ("a", "1"),
            ("b", "2"),
            ("a", "3"),
            ("b", "4"),
            ("c", "5"),
            ("other", "6"),
        ]);
        let response = handle_stream(batch, subject, |subject| {
            handled.lock().unwrap().push(subject.clone());
            async move {
                assert!(!subject.contains('c'), "a panic counts as a failure");
                if subject.contains('b') {
                    Err("no")
                } else {
                    Ok(())
                }
            }
        })
        .await;
        assert_eq!(handled.lock().unwrap().len(), 3);
        let failures: Vec<_> = response
            .batch_item_failures
            .iter()
            .map(|failure| failure.item_identifier.as_deref())
            .collect();
        assert_eq!(failures, [Some("2")]);
    }

    #[tokio::test]
    async fn a_batch_that_succeeds_reports_nothing() {
        let response = handle_stream(event(&[("a", "1")]), subject, |_| async {
            Ok::<_, String>(())
        })
        .await;
        assert!(response.batch_item_failures.is_empty());
    }
}
