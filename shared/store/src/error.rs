//! What can go wrong at the table.

use aws_sdk_dynamodb::error::{ErrorMetadata, ProvideErrorMetadata, SdkError};

/// What can go wrong at the table, by what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Too slow, too busy or out of reach: try again later.
    #[error("the table is out of reach: {0}")]
    Unavailable(String),
    /// The table refuses the request as it is: a fault of the code or of the deployment.
    #[error("the table refused the request: {0}")]
    Rejected(String),
    /// A newer version of the code has left the record; this one leaves it to that.
    #[error("the record {key} has the shape {shape}, which is not known here yet")]
    Newer {
        /// Where it is.
        key: String,
        /// Its shape.
        shape: u32,
    },
    /// A record makes no sense. It is left as it is for an operator to look at.
    #[error("the record {key} is corrupt: {what}")]
    Corrupt {
        /// Where it is.
        key: String,
        /// What makes no sense.
        what: String,
    },
}

const RETRYABLE: [&str; 7] = [
    "ProvisionedThroughputExceededException",
    "ThrottlingException",
    "RequestLimitExceeded",
    "InternalServerError",
    "ServiceUnavailable",
    "TransactionConflictException",
    "LimitExceededException",
];

impl<E, R> From<SdkError<E, R>> for StoreError
where
    E: ProvideErrorMetadata,
{
    fn from(error: SdkError<E, R>) -> Self {
        let reason = match &error {
            SdkError::ServiceError(service) => return Self::from_service(service.err().meta()),
            SdkError::ConstructionFailure(_) => {
                return Self::Rejected("the request has no valid form".to_owned());
            }
            SdkError::TimeoutError(_) => "no answer in time",
            SdkError::DispatchFailure(_) => "no connection or no credentials",
            _ => "an answer that cannot be read",
        };
        Self::Unavailable(reason.to_owned())
    }
}

impl StoreError {
    /// What the table says, without the answer's body: the log has no use for what is in items.
    fn from_service(said: &ErrorMetadata) -> Self {
        let code = said.code().unwrap_or_default();
        let request = said.extra("aws_request_id").unwrap_or("none");
        let message = said.message().unwrap_or_default();
        let reason = format!("{code}, request {request}: {message}");
        if code.is_empty() || RETRYABLE.contains(&code) {
            Self::Unavailable(reason)
        } else {
            Self::Rejected(reason)
        }
    }
}
