//! The table, as the store defines it.

use aws_sdk_dynamodb::{
    Client,
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType,
        Projection, ProjectionType, ScalarAttributeType,
    },
};

pub(crate) const TABLE: &str = "switchyard";

pub(crate) async fn create(client: &Client) {
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
    client
        .create_table()
        .table_name(TABLE)
        .billing_mode(BillingMode::PayPerRequest)
        .key_schema(key(table.partition, KeyType::Hash))
        .key_schema(key(table.sort, KeyType::Range))
        .attribute_definitions(attribute(table.partition, ScalarAttributeType::S))
        .attribute_definitions(attribute(table.sort, ScalarAttributeType::S))
        .attribute_definitions(attribute(table.index.partition, ScalarAttributeType::S))
        .attribute_definitions(attribute(table.index.sort, ScalarAttributeType::N))
        .global_secondary_indexes(index)
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
