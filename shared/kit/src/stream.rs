//! Batches of a table's stream.

use std::{collections::HashSet, fmt::Display, hash::Hash, panic::AssertUnwindSafe};

use aws_lambda_events::event::{
    dynamodb::{Event, EventRecord},
    streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse},
};
use contract::{log_fields, work_span};
use futures_util::{FutureExt as _, StreamExt as _, stream};
use tracing::{Instrument as _, Span};

use crate::panics::panic_text;

/// How many subjects are handled at once.
const AT_ONCE: usize = 16;

/// Handles a batch by its subjects: `subject_of` says what a record is about, if it is to be handled, and `handler`
/// is called once for each subject, however many records are about it. So none is handled twice at once.
///
/// If a handler fails or panics, the earliest record of its subject is reported and the stream comes again
/// from there, so a handler must bear being called again. The error is logged here, once.
pub async fn handle_stream<S, F, E>(
    event: Event,
    subject_of: impl Fn(&EventRecord) -> Option<S>,
    handler: impl Fn(S) -> F,
) -> DynamoDbEventResponse
where
    S: Clone + Eq + Hash,
    F: Future<Output = Result<(), E>>,
    E: Display,
{
    let handler = &handler;
    let failed: Vec<(usize, String)> = stream::iter(subjects(&event.records, subject_of))
        .map(|subject| async move {
            let span = span(&subject.sequence);
            let work = async { handler(subject.about).await };
            let failed = handle(work, &subject.sequence).instrument(span).await;
            failed.then_some((subject.place, subject.sequence))
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

/// The span of one subject of a batch. It is the boundary of its trace: the handler records what it
/// finds out into it.
fn span(sequence: &str) -> Span {
    work_span!(
        "process",
        record.sequence = sequence,
        otel.kind = "consumer",
        otel.name = "process stream",
        otel.parent = telemetry::DELIVERY,
    )
}

/// What records of a batch are about.
struct Subject<S> {
    about: S,
    /// The place and the sequence number of the earliest record about it.
    place: usize,
    sequence: String,
}

/// The subjects in the order of their earliest records.
fn subjects<S: Clone + Eq + Hash>(
    records: &[EventRecord],
    subject_of: impl Fn(&EventRecord) -> Option<S>,
) -> Vec<Subject<S>> {
    let (mut known, mut subjects) = (HashSet::new(), Vec::new());
    for (place, record) in records.iter().enumerate() {
        let Some(about) = subject_of(record) else {
            continue;
        };
        if known.insert(about.clone()) {
            subjects.push(Subject {
                about,
                place,
                sequence: record.change.sequence_number.clone().unwrap_or_default(),
            });
        }
    }
    subjects
}

/// Whether it failed.
async fn handle<E: Display>(work: impl Future<Output = Result<(), E>>, sequence: &str) -> bool {
    match AssertUnwindSafe(work).catch_unwind().await {
        Ok(Ok(())) => return false,
        Ok(Err(error)) => {
            Span::current().record(log_fields::ERROR_TYPE, "failed");
            tracing::warn!(metric.HandlingFailed = 1_u64, %error, "record {sequence} failed and will come again");
        }
        Err(cause) => {
            let panic = panic_text(cause.as_ref());
            Span::current().record(log_fields::ERROR_TYPE, "panic");
            tracing::error!(
                metric.HandlingFailed = 1_u64,
                panic,
                "the handler of record {sequence} panicked"
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
        let handled = handled.into_inner().unwrap();
        assert_eq!(handled.len(), 3, "{handled:?}");
        for (subject, of) in handled.iter().zip(["a", "b", "c"]) {
            assert!(subject.contains(&format!("\"{of}\"")), "{subject} is {of}");
        }
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
