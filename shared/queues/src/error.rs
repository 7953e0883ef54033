//! What a queue's refusals mean.

use aws_sdk_sqs::{error::SdkError, operation::RequestId};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// Why a queue did not do what was asked. Each variant is another thing to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueueError {
    /// The queue is out of reach, throttles or fails by itself: try again later. Whether the request was
    /// carried out is unknown.
    #[error("the queue is unavailable: {reason}")]
    Unavailable {
        /// What happened, for the log.
        reason: String,
    },
    /// The message is larger than the queue takes.
    #[error("the message is larger than the queue takes")]
    TooLarge,
    /// The handle is of no use any more: the message is deleted, or was given to somebody else.
    #[error("the message's handle is no longer good")]
    Gone,
    /// The queue refuses the request as it is, as when it does not exist or the role may not use it.
    #[error("the queue refuses the request: {reason}")]
    Rejected {
        /// What the queue says, for the log.
        reason: String,
    },
}

/// Codes that stand for a passing condition in spite of their status.
const PASSING: [&str; 6] = [
    "RequestThrottled",
    "ThrottlingException",
    "Throttling",
    "OverLimit",
    "KmsThrottled",
    "RequestTimeout",
];
/// Codes that say the handle is useless.
const GONE: [&str; 2] = ["ReceiptHandleIsInvalid", "MessageNotInflight"];
/// Words that say it.
const GONE_TEXTS: [&str; 2] = ["Message does not exist", "receipt handle has expired"];

impl QueueError {
    /// Whether trying again may help.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }

    pub(crate) fn rejected(reason: impl Into<String>) -> Self {
        Self::Rejected {
            reason: reason.into(),
        }
    }

    pub(crate) fn from_sdk<E>(error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata,
        SdkError<E, HttpResponse>: RequestId,
    {
        let reason = match error {
            SdkError::ConstructionFailure(_) => {
                return Self::rejected("the request has no valid form");
            }
            SdkError::TimeoutError(_) => "no answer in time",
            SdkError::DispatchFailure(failure) if failure.is_user() => {
                return Self::rejected("the request cannot be sent");
            }
            SdkError::DispatchFailure(_) => "no connection or no credentials",
            SdkError::ResponseError(_) => "an answer that cannot be read",
            _ => return Self::from_service(error),
        };
        Self::Unavailable {
            reason: reason.to_owned(),
        }
    }

    fn from_service<E>(error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata,
        SdkError<E, HttpResponse>: RequestId,
    {
        let status = error
            .raw_response()
            .map_or(0, |response| response.status().as_u16());
        let service = error.as_service_error();
        let full = service
            .and_then(ProvideErrorMetadata::code)
            .unwrap_or("unknown");
        // The JSON protocol writes a namespace before the code, the query-compatible one after it.
        let code = full.rsplit(['#', '.']).next().unwrap_or(full);
        let text = service
            .and_then(ProvideErrorMetadata::message)
            .unwrap_or_default();
        let request = error.request_id().unwrap_or("none");
        let reason = format!("{code}, status {status}, request {request}");
        // SQS has no codes of their own for some conditions, only words.
        let invalid = code.starts_with("InvalidParameterValue");
        if status >= 500 || status == 429 || PASSING.contains(&code) {
            Self::Unavailable { reason }
        } else if GONE.contains(&code)
            || invalid && GONE_TEXTS.iter().any(|gone| text.contains(gone))
        {
            Self::Gone
        } else if invalid && text.contains("shorter than") {
            Self::TooLarge
        } else {
            Self::Rejected {
                reason: format!("{reason}: {text}"),
            }
        }
    }
}
