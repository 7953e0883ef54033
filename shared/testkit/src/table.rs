//! The table, as the store defines it.

use aws_sdk_dynamodb::{
    Client,
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType,
        Projection, ProjectionType, ScalarAttributeType, StreamSpecification, StreamViewType,
    },
};
use store::SortKind;

/// Makes the table under that name, with its stream, as the template does.
pub async fn create_table(client: &Client, name: &str) {
    let table = store::definition();
    let keys_only = Projection::builder()
        .projection_type(ProjectionType::KeysOnly)
        .build();
    let indexes = table.indexes.map(|index| {
        GlobalSecondaryIndex::builder()
            .index_name(index.name)
            .key_schema(key(index.partition, KeyType::Hash))
            .key_schema(key(index.sort, KeyType::Range))
            .projection(keys_only.clone())
            .build()
            .unwrap()
    });
    let attributes = table.indexes.into_iter().flat_map(|index| {
        let kind = match index.kind {
            SortKind::Number => ScalarAttributeType::N,
            SortKind::Text => ScalarAttributeType::S,
        };
        let partition = attribute(index.partition, ScalarAttributeType::S);
        [partition, attribute(index.sort, kind)]
    });
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
        .set_attribute_definitions(Some(
            [table.partition, table.sort]
                .map(|name| attribute(name, ScalarAttributeType::S))
                .into_iter()
                .chain(attributes)
                .collect(),
        ))
        .set_global_secondary_indexes(Some(indexes.into()))
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
