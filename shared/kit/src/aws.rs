//! AWS clients over one configuration.

use std::{collections::HashMap, fmt, hash::BuildHasher, sync::OnceLock, time::Duration};

use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};

use crate::transport::{CONNECT, Transport};

/// How long one try of a call may take. Waiting for messages sets its own.
pub const ATTEMPT: Duration = Duration::from_secs(5);
/// How long a call to AWS may take with all its tries.
pub const LONGEST_CALL: Duration = Duration::from_secs(12);

/// The AWS clients of a process. They share credentials and connections, and each is made when it is first
/// asked for, so that a function pays for what it uses.
pub struct Clients {
    config: SdkConfig,
    /// Addresses of single services; the others are where the configuration says.
    elsewhere: HashMap<&'static str, String>,
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
    /// Clients configured as Lambda configures functions: `AWS_REGION` and the credentials of the role are in
    /// the environment. `AWS_ENDPOINT_URL` and, for single services, `AWS_ENDPOINT_URL_DYNAMODB`, `_SQS`, `_S3`
    /// and `_SSM` lead elsewhere.
    ///
    /// The SDK's own search through profiles, containers, machines and sign-in is not made: a function needs none
    /// of it, and what searches would be part of the program and of its start.
    pub fn from_vars(vars: &HashMap<String, String, impl BuildHasher>) -> Self {
        let get = |name: &str| vars.get(name).filter(|value| !value.is_empty()).cloned();
        let timeouts = TimeoutConfig::builder()
            .operation_attempt_timeout(ATTEMPT)
            .operation_timeout(LONGEST_CALL)
            .build();
        let region = get("AWS_REGION").or_else(|| get("AWS_DEFAULT_REGION"));
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(Transport::new(CONNECT))
            .region(region.map(Region::new))
            .retry_config(RetryConfig::standard().with_max_attempts(3))
            .timeout_config(timeouts);
        config.set_endpoint_url(get("AWS_ENDPOINT_URL"));
        config.set_credentials_provider(credentials(get));
        let services = ["DYNAMODB", "SQS", "S3", "SSM"].into_iter();
        let elsewhere = services
            .filter_map(|service| Some((service, get(&format!("AWS_ENDPOINT_URL_{service}"))?)))
            .collect();
        Self {
            elsewhere,
            ..Self::new(config.build())
        }
    }

    /// Clients of a given configuration.
    pub fn new(config: SdkConfig) -> Self {
        Self {
            config,
            elsewhere: HashMap::new(),
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
            .get_or_init(|| aws_sdk_dynamodb::Client::new(&self.config_of("DYNAMODB")))
            .clone()
    }

    /// SQS.
    pub fn sqs(&self) -> aws_sdk_sqs::Client {
        self.sqs
            .get_or_init(|| aws_sdk_sqs::Client::new(&self.config_of("SQS")))
            .clone()
    }

    /// S3. At any other endpoint than AWS's own the bucket is part of the path, since its name is
    /// part of no host there.
    pub fn s3(&self) -> aws_sdk_s3::Client {
        let make = || {
            let config = self.config_of("S3");
            let elsewhere = config.endpoint_url().is_some();
            let config = aws_sdk_s3::config::Builder::from(&config).force_path_style(elsewhere);
            aws_sdk_s3::Client::from_conf(config.build())
        };
        self.s3.get_or_init(make).clone()
    }

    /// Systems Manager.
    pub fn ssm(&self) -> aws_sdk_ssm::Client {
        self.ssm
            .get_or_init(|| aws_sdk_ssm::Client::new(&self.config_of("SSM")))
            .clone()
    }

    /// The configuration with the service's own address.
    fn config_of(&self, service: &str) -> SdkConfig {
        let config = self.config.clone();
        match self.elsewhere.get(service) {
            Some(url) => config.into_builder().endpoint_url(url).build(),
            None => config,
        }
    }
}

/// The credentials of the function's role. Lambda replaces an environment before they expire.
fn credentials(get: impl Fn(&str) -> Option<String>) -> Option<SharedCredentialsProvider> {
    let (key, secret) = (get("AWS_ACCESS_KEY_ID")?, get("AWS_SECRET_ACCESS_KEY")?);
    let session = get("AWS_SESSION_TOKEN");
    let credentials = Credentials::new(key, secret, session, None, "environment");
    Some(SharedCredentialsProvider::new(credentials))
}
