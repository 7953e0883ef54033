//! Endpoints in memory with a clock that can be moved, and clients for them.

use std::path::PathBuf;

use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, GlobalSecondaryIndex, KeySchemaElement,
    KeyType, Projection, ProjectionType, ScalarAttributeType, StreamSpecification, StreamViewType,
};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use jiff::{SignedDuration, Timestamp};
use switchyard_aws_local::{Config, Durability, Endpoints, ManualClock, sdk_config};

/// Endpoints in memory, and their clock.
pub(crate) struct Local {
    pub(crate) endpoints: Endpoints,
    pub(crate) clock: ManualClock,
}

impl Local {
    pub(crate) async fn start() -> Self {
        Self::with(Durability::Memory, PathBuf::new()).await
    }

    pub(crate) async fn with(durability: Durability, state: PathBuf) -> Self {
        let clock = ManualClock::new(Timestamp::from_second(1_800_000_000).unwrap());
        let config = Config {
            listen: "127.0.0.1:0".parse().unwrap(),
            state,
            clock: clock.clock(),
            durability,
        };
        let endpoints = Endpoints::start(config).await.unwrap();
        Self { endpoints, clock }
    }

    /// Moves the clock and tells the endpoints.
    pub(crate) fn advance(&self, seconds: i64) {
        self.clock.advance(SignedDuration::from_secs(seconds));
        self.endpoints.clock_moved();
    }

    pub(crate) fn sqs(&self) -> aws_sdk_sqs::Client {
        aws_sdk_sqs::Client::new(&sdk_config(self.endpoints.url()))
    }

    pub(crate) fn dynamo(&self) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::new(&sdk_config(self.endpoints.url()))
    }

    pub(crate) fn s3(&self) -> aws_sdk_s3::Client {
        aws_sdk_s3::Client::new(&sdk_config(self.endpoints.url()))
    }

    /// Makes a queue with the attributes and returns its address.
    pub(crate) async fn queue(&self, name: &str) -> String {
        let made = self
            .sqs()
            .create_queue()
            .queue_name(name)
            .send()
            .await
            .unwrap();
        made.queue_url.unwrap()
    }
}

/// The code of a refusal.
pub(crate) fn code<T: std::fmt::Debug, E: ProvideErrorMetadata>(result: Result<T, E>) -> String {
    let error = result.expect_err("the call is refused");
    error.code().unwrap_or("no code").to_owned()
}

/// A text attribute.
pub(crate) fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

/// Makes the table `things`: key `pk` and `sk`, an index `by_owner` on `owner` and `made` that keeps
/// keys only, one `by_kind` on `kind` that keeps everything, and a stream of both images.
pub(crate) async fn things(client: &aws_sdk_dynamodb::Client) {
    let mut table = client
        .create_table()
        .table_name("things")
        .billing_mode(BillingMode::PayPerRequest);
    for name in ["pk", "sk", "owner", "made", "kind"] {
        let definition = AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(ScalarAttributeType::S);
        table = table.attribute_definitions(definition.build().unwrap());
    }
    let stream = StreamSpecification::builder()
        .stream_enabled(true)
        .stream_view_type(StreamViewType::NewAndOldImages);
    table
        .key_schema(key("pk", KeyType::Hash))
        .key_schema(key("sk", KeyType::Range))
        .global_secondary_indexes(index(
            "by_owner",
            &["owner", "made"],
            ProjectionType::KeysOnly,
        ))
        .global_secondary_indexes(index("by_kind", &["kind"], ProjectionType::All))
        .stream_specification(stream.build().unwrap())
        .send()
        .await
        .unwrap();
}

fn key(name: &str, kind: KeyType) -> KeySchemaElement {
    KeySchemaElement::builder()
        .attribute_name(name)
        .key_type(kind)
        .build()
        .unwrap()
}

fn index(name: &str, keys: &[&str], projection: ProjectionType) -> GlobalSecondaryIndex {
    let kinds = [KeyType::Hash, KeyType::Range];
    let schema = keys
        .iter()
        .zip(kinds)
        .map(|(name, kind)| key(name, kind))
        .collect();
    GlobalSecondaryIndex::builder()
        .index_name(name)
        .set_key_schema(Some(schema))
        .projection(Projection::builder().projection_type(projection).build())
        .build()
        .unwrap()
}
