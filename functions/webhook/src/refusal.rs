//! Why a request is refused, and what its sender is told.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use blobs::BlobError;
use contract::{DeliveryMessage, ProblemKind};
use ingress::github::{SignatureFault, VerifyError};
use kit::ProblemResponse;
use queues::QueueError;

const RETRY_AFTER: Duration = Duration::from_secs(10);

/// Why a request is refused. The words are for the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("{0}")]
    Verify(#[from] VerifyError),
    #[error("the body is too large")]
    TooLarge,
    #[error("the body broke off")]
    Broken,
    #[error("{0}")]
    Bucket(#[from] BlobError),
    #[error("{0}")]
    Queue(#[from] QueueError),
}

impl Refusal {
    /// Whether Switchyard is at fault rather than the request.
    pub(crate) fn is_ours(&self) -> bool {
        matches!(self, Self::Bucket(_) | Self::Queue(_))
    }

    /// Why it is refused, if whoever sent it has not proven to be GitHub.
    pub(crate) fn stranger(&self) -> Option<&'static str> {
        match self {
            Self::Verify(VerifyError::Signature(fault)) => Some(match fault {
                SignatureFault::Missing => "no signature",
                SignatureFault::Many => "more than one signature",
                SignatureFault::Shape => "no such signature",
                SignatureFault::Mismatch => "wrong signature",
            }),
            Self::TooLarge => Some("body too large"),
            Self::Broken => Some("body broken off"),
            Self::Verify(_) | Self::Bucket(_) | Self::Queue(_) => None,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let stranger = self.stranger();
        let response = match self {
            Self::Verify(error) => problem(error),
            Self::TooLarge => ProblemResponse::too_large(DeliveryMessage::BODY_LIMIT),
            Self::Broken => invalid("The body broke off."),
            Self::Bucket(_) | Self::Queue(_) => {
                ProblemResponse::unavailable("The delivery was not accepted.", RETRY_AFTER)
            }
        };
        match stranger {
            Some(why) => response.for_stranger(why),
            None => response,
        }
        .into_response()
    }
}

fn problem(error: VerifyError) -> ProblemResponse {
    match error {
        // All causes look the same: anything else would help whoever guesses.
        VerifyError::Signature(_) => ProblemResponse::new(
            ProblemKind::SIGNATURE_REFUSED,
            "The signature over the body is not accepted.",
        ),
        VerifyError::Header { name } => {
            invalid(&format!("The header {name} is missing or malformed."))
        }
        VerifyError::Form => invalid("The form does not hold exactly one field payload."),
        VerifyError::ContentEncoding => unsupported("The body has a content encoding."),
        VerifyError::ContentType => unsupported("The body is neither JSON nor a form."),
    }
}

fn invalid(detail: &str) -> ProblemResponse {
    ProblemResponse::new(ProblemKind::INVALID_REQUEST, detail)
}

fn unsupported(detail: &str) -> ProblemResponse {
    ProblemResponse::new(ProblemKind::UNSUPPORTED_MEDIA_TYPE, detail)
}
