//! The account at the emulator, as its owner sees it.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_sdk_sqs::types::QueueAttributeName;
use aws_sdk_ssm::types::ParameterType;
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use kit::Clients;
use secrecy::{ExposeSecret as _, SecretString};

use crate::emulator::{Emulator, OWNER, REGION};

/// Clients of every service that is looked at.
pub(crate) struct Account {
    pub(crate) clients: Clients,
    pub(crate) stacks: aws_sdk_cloudformation::Client,
    pub(crate) logs: aws_sdk_cloudwatchlogs::Client,
}

impl Account {
    /// The account of its owner.
    pub(crate) fn owner(emulator: &Emulator) -> Result<Self> {
        let credentials = Credentials::new(OWNER, "test", None, None, "owner");
        Self::with(emulator, SharedCredentialsProvider::new(credentials))
    }

    /// The account with somebody's credentials.
    pub(crate) fn with(
        emulator: &Emulator,
        credentials: SharedCredentialsProvider,
    ) -> Result<Self> {
        let trusted =
            TrustStore::empty().with_pem_certificate(emulator.certificate.authority.as_bytes());
        let tls = TlsContext::builder().with_trust_store(trusted).build()?;
        let http = Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .tls_context(tls)
            .build_https();
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static(REGION))
            .credentials_provider(credentials)
            .http_client(http)
            .endpoint_url(emulator.url.as_str())
            .build();
        let clients = Clients::new(config);
        Ok(Self {
            stacks: aws_sdk_cloudformation::Client::new(clients.config()),
            logs: aws_sdk_cloudwatchlogs::Client::new(clients.config()),
            clients,
        })
    }

    /// Stores a secret setting, and makes sure that it is not kept as it is.
    pub(crate) async fn store_setting(&self, name: &str, value: &SecretString) -> Result<()> {
        let ssm = self.clients.ssm();
        ssm.put_parameter()
            .name(name)
            .value(value.expose_secret())
            .r#type(ParameterType::SecureString)
            .send()
            .await
            .with_context(|| format!("storing {name}"))?;
        let kept = ssm.get_parameter().name(name).send().await?.parameter;
        let kept = kept.and_then(|kept| kept.value).unwrap_or_default();
        if kept == value.expose_secret() {
            bail!("{name} is kept in plain text");
        }
        Ok(())
    }

    /// What a stack says of itself.
    pub(crate) async fn outputs(&self, stack: &str) -> Result<BTreeMap<String, String>> {
        let answer = self.stacks.describe_stacks().stack_name(stack).send();
        let found = answer.await?.stacks.unwrap_or_default().pop();
        let found = found.with_context(|| format!("there is no stack {stack}"))?;
        let outputs = found.outputs.unwrap_or_default().into_iter();
        Ok(outputs
            .filter_map(|one| Some((one.output_key?, one.output_value?)))
            .collect())
    }

    /// The physical name of everything in a stack, by its type and its logical name.
    pub(crate) async fn resources(&self, stack: &str) -> Result<Vec<Resource>> {
        let answer = self.stacks.describe_stack_resources().stack_name(stack);
        let found = answer.send().await?.stack_resources.unwrap_or_default();
        let resources = found.into_iter().filter_map(|one| {
            Some(Resource {
                kind: one.resource_type?,
                logical: one.logical_resource_id?,
                physical: one.physical_resource_id?,
            })
        });
        Ok(resources.collect())
    }

    /// How many messages of a queue wait, and how many are being worked on.
    pub(crate) async fn messages(&self, queue: &str) -> Result<(u64, u64)> {
        use QueueAttributeName::{
            ApproximateNumberOfMessages as Waiting, ApproximateNumberOfMessagesNotVisible as Taken,
        };
        let answer = self.clients.sqs().get_queue_attributes().queue_url(queue);
        let answer = answer.attribute_names(Waiting).attribute_names(Taken);
        let attributes = answer.send().await?.attributes.unwrap_or_default();
        let count = |name| attributes.get(&name).and_then(|text| text.parse().ok());
        Ok((count(Waiting).unwrap_or(0), count(Taken).unwrap_or(0)))
    }

    /// How many items the table has.
    pub(crate) async fn items(&self, table: &str) -> Result<i32> {
        let scan = self.clients.dynamodb().scan().table_name(table);
        Ok(scan.send().await?.count)
    }

    /// The keys of what a bucket holds.
    pub(crate) async fn objects(&self, bucket: &str) -> Result<Vec<String>> {
        let answer = self.clients.s3().list_objects_v2().bucket(bucket);
        let contents = answer.send().await?.contents.unwrap_or_default();
        Ok(contents.into_iter().filter_map(|one| one.key).collect())
    }

    /// Everything that was logged in a group, oldest first.
    pub(crate) async fn log(&self, group: &str) -> Result<Vec<String>> {
        let mut lines = Vec::new();
        let mut pages = self.logs.filter_log_events().log_group_name(group);
        loop {
            let page = pages.clone().send().await?;
            let events = page.events.unwrap_or_default().into_iter();
            lines.extend(events.filter_map(|event| event.message));
            let Some(next) = page.next_token else {
                return Ok(lines);
            };
            pages = pages.next_token(next);
        }
    }
}

/// Something in a stack.
#[derive(Clone, Debug)]
pub(crate) struct Resource {
    pub(crate) kind: String,
    pub(crate) logical: String,
    pub(crate) physical: String,
}
