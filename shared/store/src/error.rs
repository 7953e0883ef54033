//! What can go wrong at the table.

use std::error::Error;

use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};

/// What can go wrong at the table, by what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Too slow, too busy or out of reach: try again later.
    #[error("the table is out of reach: {0}")]
    Unavailable(String),
    /// The table refuses the request as it is: a fault of the code or of the deployment.
    #[error("the table refused the request: {0}")]
    Rejected(String),
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
    E: Error + ProvideErrorMetadata + 'static,
    R: std::fmt::Debug + 'static,
{
    fn from(error: SdkError<E, R>) -> Self {
        let text = DisplayErrorContext(&error).to_string();
        match &error {
            SdkError::ServiceError(service) => {
                let code = service.err().code().unwrap_or_default();
                if code.is_empty() || RETRYABLE.contains(&code) {
                    Self::Unavailable(text)
                } else {
                    Self::Rejected(text)
                }
            }
            SdkError::ConstructionFailure(_) => Self::Rejected(text),
            _ => Self::Unavailable(text),
        }
    }
}
