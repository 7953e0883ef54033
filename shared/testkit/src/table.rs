//! The table, as the store defines it.

use aws_sdk_dynamodb::{
    Client,
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType,
        Projection, ProjectionType, ScalarAttributeType, StreamSpecification, StreamViewType,
    },
};

/// Makes the table under that name, with its stream, as the template does.
pub async fn create_table(client: &Client, name: &str) {
    let table = store::definition();
    let keys_only = Projection::builder()
        .projection_type(ProjectionType::KeysOnly)
        .build();
    let index = GlobalSecondaryIndex::builder()
        .index_name(table.index.name)
        .key_schema(key(table.index.partition, KeyType::Hash))
        .key_schema(key(table.index.sort, KeyType::Range))
        .projection(keys_only)
        .build()
        .unwrap();
    let stream = StreamSpecification::builder()
        .stream_enabled(true)
        .stream_view_type(StreamViewType::NewAndOldImages)
        .build()
        .unwrap();
    client
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .key_schema(key(table.partition, KeyType::Hash))
        .key_schema(key(table.sort, KeyType::Range))
        .attribute_definitions(attribute(table.partition, ScalarAttributeType::S))
        .attribute_definitions(attribute(table.sort, ScalarAttributeType::S))
        .attribute_definitions(attribute(table.index.partition, ScalarAttributeType::S))
        .attribute_definitions(attribute(table.index.sort, ScalarAttributeType::N))
        .global_secondary_indexes(index)
        .stream_specification(stream)
        .send()
        .await
        .unwrap();
}

fn key(name: &str, kind: KeyType) -> KeySchemaElement {
    let key = KeySchemaElement::builder().attribute_name(name);
    key.key_type(kind).build().unwrap()
}

fn attribute(name: &str, kind: ScalarAttributeType) -> AttributeDefinition {
    let attribute = AttributeDefinition::builder().attribute_name(name);
    attribute.attribute_type(kind).build().unwrap()
}
