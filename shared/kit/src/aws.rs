//! AWS clients over one configuration.

use std::{fmt, sync::OnceLock, time::Duration};

use aws_config::{BehaviorVersion, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};

/// How long one try of a call may take. Waiting for messages sets its own.
const ATTEMPT: Duration = Duration::from_secs(5);
/// How long a call may take with all its tries.
const CALL: Duration = Duration::from_secs(12);
const CONNECT: Duration = Duration::from_secs(2);

/// The AWS clients of a process. They share credentials and connections, and each is made when it is first
/// asked for, so that a function pays for what it uses.
pub struct Clients {
    config: SdkConfig,
    dynamodb: OnceLock<aws_sdk_dynamodb::Client>,
    sqs: OnceLock<aws_sdk_sqs::Client>,
    s3: OnceLock<aws_sdk_s3::Client>,
    ssm: OnceLock<aws_sdk_ssm::Client>,
}

impl fmt::Debug for Clients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clients")
            .field("region", &self.config.region())
            .finish_non_exhaustive()
    }
}

impl Clients {
    /// Clients configured as AWS configures processes: region, credentials of the environment, of a
    /// Lambda function or of a container, and `AWS_ENDPOINT_URL`.
    pub async fn from_environment() -> Self {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT)
            .operation_attempt_timeout(ATTEMPT)
            .operation_timeout(CALL)
            .build();
        let config = aws_config::defaults(BehaviorVersion::latest())
            .http_client(
                Builder::new()
                    .tls_provider(Provider::Rustls(CryptoMode::Ring))
                    .build_https(),
            )
            .retry_config(RetryConfig::standard().with_max_attempts(3))
            .timeout_config(timeouts)
            .load()
            .await;
        Self::new(config)
    }

    /// Clients of a given configuration.
    pub fn new(config: SdkConfig) -> Self {
        Self {
            config,
            dynamodb: OnceLock::new(),
            sqs: OnceLock::new(),
            s3: OnceLock::new(),
            ssm: OnceLock::new(),
        }
    }

    /// The configuration, for clients that are not among these.
    pub fn config(&self) -> &SdkConfig {
        &self.config
    }

    /// DynamoDB.
    pub fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        self.dynamodb
            .get_or_init(|| aws_sdk_dynamodb::Client::new(&self.config))
            .clone()
    }

    /// SQS.
    pub fn sqs(&self) -> aws_sdk_sqs::Client {
        self.sqs
            .get_or_init(|| aws_sdk_sqs::Client::new(&self.config))
            .clone()
    }

    /// S3. At any other endpoint than AWS's own the bucket is part of the path, since its name is
    /// part of no host there.
    pub fn s3(&self) -> aws_sdk_s3::Client {
        let make = || {
            let elsewhere = self.config.endpoint_url().is_some();
            let config =
                aws_sdk_s3::config::Builder::from(&self.config).force_path_style(elsewhere);
            aws_sdk_s3::Client::from_conf(config.build())
        };
        self.s3.get_or_init(make).clone()
    }

    /// Systems Manager.
    pub fn ssm(&self) -> aws_sdk_ssm::Client {
        self.ssm
            .get_or_init(|| aws_sdk_ssm::Client::new(&self.config))
            .clone()
    }
}
