//! Batches of queue messages.

use std::{fmt::Display, panic::AssertUnwindSafe};

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use contract::{log_fields, work_span};
use futures_util::{FutureExt as _, future::join_all};
use tracing::{Instrument as _, Span};

use crate::panics::panic_text;

/// Handles all messages of a batch at once. A message whose handler fails or panics is reported, which makes
/// it come again; the others are done. The handler's error is logged here, once, with the message's id.
pub async fn handle_batch<F, E>(
    event: SqsEvent,
    handler: impl Fn(SqsMessage) -> F,
) -> SqsBatchResponse
where
    F: Future<Output = Result<(), E>>,
    E: Display,
{
    let handler = &handler;
    let outcomes = event.records.into_iter().map(|message| async move {
        let id = message.message_id.clone().unwrap_or_default();
        let span = span(&message, &id);
        let failed = handle(message, &id, handler).instrument(span).await;
        failed.then_some(id)
    });
    let failed = join_all(outcomes).await.into_iter().flatten();
    let mut response = SqsBatchResponse::default();
    // A message without an id is reported with an empty one, which makes the whole batch come again.
    response.set_failures(failed);
    response
}

/// The span of one message. It is the boundary of its trace: the handler records what it finds out into it.
fn span(message: &SqsMessage, id: &str) -> Span {
    let arn = message.event_source_arn.as_deref().unwrap_or_default();
    let queue = arn.rsplit(':').next().unwrap_or_default();
    work_span!(
        "process",
        message.id = id,
        otel.kind = "consumer",
        otel.name = format!("process {queue}"),
        otel.parent = telemetry::DELIVERY,
        messaging.system = "aws_sqs",
        "messaging.operation.type" = "process",
        messaging.operation.name = "process",
        messaging.destination.name = queue,
        messaging.message.id = id,
    )
}

/// Whether it failed.
async fn handle<F, E>(message: SqsMessage, id: &str, handler: &impl Fn(SqsMessage) -> F) -> bool
where
    F: Future<Output = Result<(), E>>,
    E: Display,
{
    match AssertUnwindSafe(async { handler(message).await })
        .catch_unwind()
        .await
    {
        Ok(Ok(())) => return false,
        Ok(Err(error)) => {
            Span::current().record(log_fields::ERROR_TYPE, "failed");
            tracing::warn!(metric.HandlingFailed = 1_u64, %error, "message {id} failed and will come again");
        }
        Err(cause) => {
            let panic = panic_text(cause.as_ref());
            Span::current().record(log_fields::ERROR_TYPE, "panic");
            tracing::error!(
                metric.HandlingFailed = 1_u64,
                panic,
                "the handler of message {id} panicked"
            );
        }
    }
    true
}
