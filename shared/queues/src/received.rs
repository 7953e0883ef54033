//! What comes out of a queue.

use std::fmt;

use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use serde::de::DeserializeOwned;

/// The right to delete a message or to move its visibility, from one receiving of it.
#[derive(Clone, PartialEq, Eq)]
pub struct ReceiptHandle(pub(crate) String);

impl fmt::Debug for ReceiptHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReceiptHandle(..)")
    }
}

/// A message as it was received. It comes again unless it is deleted before its visibility ends.
#[derive(Clone, Debug)]
pub struct Received<M> {
    /// The message, or why it cannot be read. An unreadable one is the receiver's to leave in the queue, so
    /// that it ends in the dead-letter queue, or to delete.
    pub message: Result<M, Unreadable>,
    /// For deleting it and for moving its visibility.
    pub handle: ReceiptHandle,
    /// The queue's id for it, for logs.
    pub id: String,
    /// How often it has been received, this time included.
    pub receives: u32,
}

/// A message's body is not what the queue carries, be it damage or a version from the future.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the message cannot be read: {reason}")]
pub struct Unreadable {
    /// What is wrong with it; never its contents.
    pub reason: String,
}

impl<M: DeserializeOwned> Received<M> {
    pub(crate) fn from_sdk(message: Message) -> Self {
        let receives = message
            .attributes
            .as_ref()
            .and_then(|all| all.get(&MessageSystemAttributeName::ApproximateReceiveCount))
            .and_then(|count| count.parse().ok())
            .unwrap_or(1);
        Self {
            message: read(&message.body.unwrap_or_default()),
            handle: ReceiptHandle(message.receipt_handle.unwrap_or_default()),
            id: message.message_id.unwrap_or_default(),
            receives,
        }
    }
}

fn read<M: DeserializeOwned>(body: &str) -> Result<M, Unreadable> {
    serde_json::from_str(body).map_err(|error| {
        // The parser's own words may quote the body, which may hold a token.
        let (kind, line, column) = (error.classify(), error.line(), error.column());
        Unreadable {
            reason: format!("{kind:?} error at line {line}, column {column}"),
        }
    })
}
