//! The errors of SQS, by the names the SDK knows.

use serde_json::Value;

use crate::faults::AwsError;

/// A refusal, or a failure of the endpoint itself.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind}: {message}")]
pub(super) struct SqsError {
    kind: &'static str,
    message: String,
    status: u16,
}

impl SqsError {
    pub(super) fn new(kind: &'static str, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            status: 400,
        }
    }

    pub(super) fn queue_missing() -> Self {
        Self::new("QueueDoesNotExist", "The specified queue does not exist.")
    }

    /// A parameter with a value that is not allowed.
    pub(super) fn value(value: impl std::fmt::Display, parameter: &str, reason: &str) -> Self {
        Self::new(
            "InvalidParameterValue",
            format!("Value {value} for parameter {parameter} is invalid. Reason: {reason}"),
        )
    }

    pub(super) fn missing(parameter: &str) -> Self {
        Self::new(
            "MissingParameter",
            format!("The request must contain the parameter {parameter}."),
        )
    }

    pub(super) fn unsupported(message: &str) -> Self {
        Self::new("UnsupportedOperation", message)
    }

    pub(super) fn unknown_operation(operation: &str) -> Self {
        Self::new(
            "InvalidAction",
            format!("The action {operation} is not valid for this endpoint."),
        )
    }

    pub(super) fn unreadable(error: &serde_json::Error) -> Self {
        Self::new("SerializationException", error.to_string())
    }

    pub(super) fn handle(handle: &str) -> Self {
        Self::new(
            "ReceiptHandleIsInvalid",
            format!("The input receipt handle \"{handle}\" is not a valid receipt handle."),
        )
    }

    /// What the older protocol calls it.
    pub(super) fn query_code(&self) -> &'static str {
        query_code_of(self.kind).unwrap_or(self.kind)
    }

    pub(super) fn aws(&self) -> AwsError {
        AwsError {
            status: self.status,
            code: format!("com.amazonaws.sqs#{}", self.kind),
            message: self.message.clone(),
        }
    }

    /// The entry of a batch's `Failed` list.
    pub(super) fn entry(&self, id: &str) -> Value {
        serde_json::json!({
            "Id": id,
            "SenderFault": self.status < 500,
            "Code": self.query_code(),
            "Message": self.message,
        })
    }
}

impl From<rusqlite::Error> for SqsError {
    fn from(error: rusqlite::Error) -> Self {
        tracing::error!(%error, "the queues' file failed");
        Self {
            kind: "InternalFailure",
            message: error.to_string(),
            status: 500,
        }
    }
}

/// What the older protocol calls the error `kind`, which may come with a namespace before `#`.
pub(crate) fn query_code(kind: &str) -> &str {
    let (_, kind) = kind.rsplit_once('#').unwrap_or(("", kind));
    query_code_of(kind).unwrap_or(kind)
}

fn query_code_of(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "QueueDoesNotExist" => "AWS.SimpleQueueService.NonExistentQueue",
        "QueueNameExists" => "QueueAlreadyExists",
        "PurgeQueueInProgress" => "AWS.SimpleQueueService.PurgeQueueInProgress",
        "MessageNotInflight" => "AWS.SimpleQueueService.MessageNotInflight",
        "UnsupportedOperation" => "AWS.SimpleQueueService.UnsupportedOperation",
        "EmptyBatchRequest" => "AWS.SimpleQueueService.EmptyBatchRequest",
        "TooManyEntriesInBatchRequest" => "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
        "BatchEntryIdsNotDistinct" => "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
        "InvalidBatchEntryId" => "AWS.SimpleQueueService.InvalidBatchEntryId",
        "BatchRequestTooLong" => "AWS.SimpleQueueService.BatchRequestTooLong",
        _ => return None,
    })
}
