//! AWS, and its errors in words.

use anyhow::{Error, anyhow};
use aws_config::SdkConfig;
use aws_sdk_ssm::error::{ProvideErrorMetadata, SdkError};

/// The services that a stack is operated through.
#[derive(Clone, Debug)]
pub struct Cloud {
    pub(crate) cloudformation: aws_sdk_cloudformation::Client,
    pub(crate) dynamodb: aws_sdk_dynamodb::Client,
    pub(crate) s3: aws_sdk_s3::Client,
    pub(crate) ssm: aws_sdk_ssm::Client,
}

impl Cloud {
    /// Clients of a given configuration.
    pub fn new(config: &SdkConfig) -> Self {
        // At any other endpoint than AWS's own the bucket is part of the path.
        let elsewhere = config.endpoint_url().is_some();
        let s3 = aws_sdk_s3::config::Builder::from(config).force_path_style(elsewhere);
        Self {
            cloudformation: aws_sdk_cloudformation::Client::new(config),
            dynamodb: aws_sdk_dynamodb::Client::new(config),
            s3: aws_sdk_s3::Client::from_conf(s3.build()),
            ssm: aws_sdk_ssm::Client::new(config),
        }
    }
}

/// What AWS calls credentials that it does not take.
const NOT_LOGGED_IN: [&str; 7] = [
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidClientTokenId",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
];

/// Why AWS did not do `what`. The SDK's own text may hold a whole answer, and with it secrets.
pub(crate) fn refused<E: ProvideErrorMetadata, R>(what: &str, error: &SdkError<E, R>) -> Error {
    match error {
        SdkError::ServiceError(service) => {
            let code = service.err().code().unwrap_or("an error without a name");
            let text = service.err().message().unwrap_or_default();
            if NOT_LOGGED_IN.contains(&code) {
                anyhow!(
                    "AWS does not accept the credentials ({code}): log in again, and run `aws sts get-caller-identity` to see as whom"
                )
            } else {
                anyhow!("{what}: {code}: {text}")
            }
        }
        SdkError::TimeoutError(_) => anyhow!("{what}: AWS did not answer in time"),
        SdkError::DispatchFailure(_) | SdkError::ConstructionFailure(_) => anyhow!(
            "{what}: there are no AWS credentials, or AWS cannot be reached: log in (`aws sso login`, or AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY) and name the Region (AWS_REGION)"
        ),
        _ => anyhow!("{what}: AWS answers with something that cannot be read"),
    }
}

/// The code of an error that AWS answered with.
pub(crate) fn code<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> Option<&str> {
    error
        .as_service_error()
        .and_then(ProvideErrorMetadata::code)
}
