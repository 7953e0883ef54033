//! Batches of queue messages.

use std::{fmt::Display, panic::AssertUnwindSafe};

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use futures_util::{FutureExt as _, future::join_all};

use crate::problem::panic_text;

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
        handle(message, &id, handler).await.then_some(id)
    });
    let failed = join_all(outcomes).await.into_iter().flatten();
    let mut response = SqsBatchResponse::default();
    // A message without an id is reported with an empty one, which makes the whole batch come again.
    response.set_failures(failed);
    response
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
            tracing::warn!(message.id = id, %error, "message {id} failed and will come again");
        }
        Err(cause) => {
            let panic = panic_text(cause.as_ref());
            tracing::error!(
                message.id = id,
                panic,
                "the handler of message {id} panicked"
            );
        }
    }
    true
}
