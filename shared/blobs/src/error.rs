//! What the bucket's refusals mean.

use aws_sdk_s3::error::SdkError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// Why the bucket did not do what was asked. Each variant is another thing to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BlobError {
    /// The bucket is out of reach, throttles or fails by itself: try again later.
    #[error("the bucket is unavailable: {reason}")]
    Unavailable {
        /// What happened, for the log.
        reason: String,
    },
    /// The object is larger than the reader accepts.
    #[error("the object is larger than {limit} bytes")]
    TooLarge {
        /// The most the reader accepts.
        limit: usize,
    },
    /// The bucket refuses the request, as when it does not exist or the role may not use it.
    #[error("the bucket refuses the request: {reason}")]
    Rejected {
        /// What the bucket says, for the log.
        reason: String,
    },
}

impl BlobError {
    /// Whether trying again may help.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }

    pub(crate) fn from_sdk<E>(error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata,
    {
        let reason = match error {
            SdkError::ConstructionFailure(_) => {
                return Self::Rejected {
                    reason: "the request has no valid form".to_owned(),
                };
            }
            SdkError::TimeoutError(_) => "no answer in time",
            SdkError::DispatchFailure(_) => "no connection or no credentials",
            SdkError::ResponseError(_) => "an answer that cannot be read",
            _ => return Self::from_service(error),
        };
        Self::Unavailable {
            reason: reason.to_owned(),
        }
    }

    fn from_service<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> Self {
        let status = error
            .raw_response()
            .map_or(0, |response| response.status().as_u16());
        let service = error.as_service_error();
        let code = service
            .and_then(ProvideErrorMetadata::code)
            .unwrap_or("unknown");
        let reason = format!("{code}, status {status}");
        let passing = ["SlowDown", "RequestTimeout", "OperationAborted"];
        if status >= 500 || status == 429 || passing.contains(&code) {
            Self::Unavailable { reason }
        } else {
            Self::Rejected { reason }
        }
    }
}
