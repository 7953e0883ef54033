//! Makes what the template asks for: queues, the table, the bucket. Making it again changes nothing.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use aws_sdk_dynamodb::{
    operation::create_table::CreateTableError,
    types::{
        self as sdk, AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement,
        KeyType, ProjectionType, ScalarAttributeType, StreamSpecification, StreamViewType,
    },
};
use aws_sdk_sqs::types::QueueAttributeName;
use kit::Clients;

use crate::template::{AttributeType, Index, KeyAttribute, Projection, Queue, Table, Template};

/// Makes everything. The template lists dead-letter queues before the queues that point at them.
pub(crate) async fn create(template: &Template, aws: &Clients) -> Result<()> {
    for queue in &template.queues {
        create_queue(queue, aws)
            .await
            .with_context(|| format!("the queue {}", queue.name))?;
    }
    for table in &template.tables {
        create_table(table, aws)
            .await
            .with_context(|| format!("the table {}", table.name))?;
    }
    for bucket in &template.buckets {
        let created = aws.s3().create_bucket().bucket(&bucket.name).send().await;
        if let Err(error) = created {
            let known = error.as_service_error().is_some_and(|error| {
                error.is_bucket_already_owned_by_you() || error.is_bucket_already_exists()
            });
            if !known {
                return Err(error).with_context(|| format!("the bucket {}", bucket.name));
            }
        }
    }
    Ok(())
}

async fn create_queue(queue: &Queue, aws: &Clients) -> Result<()> {
    let attributes = queue
        .attributes
        .iter()
        .map(|(name, value)| (QueueAttributeName::from(name.as_str()), value.clone()))
        .collect();
    let made = aws
        .sqs()
        .create_queue()
        .queue_name(&queue.name)
        .send()
        .await?;
    let url = made.queue_url.context("a queue without an address")?;
    // Attributes are set on their own, so that a template that has changed since is followed.
    aws.sqs()
        .set_queue_attributes()
        .queue_url(url)
        .set_attributes(Some(attributes))
        .send()
        .await?;
    Ok(())
}

async fn create_table(table: &Table, aws: &Clients) -> Result<()> {
    let index = |index: &Index| {
        Ok(GlobalSecondaryIndex::builder()
            .index_name(&index.name)
            .set_key_schema(Some(schema(&index.partition, index.sort.as_ref())?))
            .projection(projection(&index.projection)?)
            .build()?)
    };
    let indexes = table
        .indexes
        .iter()
        .map(index)
        .collect::<Result<Vec<_>>>()?;
    let stream = table.stream.map(|view| {
        StreamSpecification::builder()
            .stream_enabled(true)
            .stream_view_type(StreamViewType::from(view.as_str()))
            .build()
    });
    let made = aws
        .dynamodb()
        .create_table()
        .table_name(&table.name)
        .billing_mode(BillingMode::PayPerRequest)
        .set_key_schema(Some(schema(&table.partition, table.sort.as_ref())?))
        .set_attribute_definitions(Some(attributes(table)?))
        .set_global_secondary_indexes(Some(indexes))
        .set_stream_specification(stream.transpose()?)
        .send()
        .await;
    match made {
        Ok(_) => Ok(()),
        Err(error)
            if error
                .as_service_error()
                .is_some_and(CreateTableError::is_resource_in_use_exception) =>
        {
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

fn attributes(table: &Table) -> Result<Vec<AttributeDefinition>> {
    let own = std::iter::once(&table.partition).chain(&table.sort);
    let of_indexes = table
        .indexes
        .iter()
        .flat_map(|index| std::iter::once(&index.partition).chain(&index.sort));
    let kinds: BTreeMap<&str, AttributeType> = own
        .chain(of_indexes)
        .map(|key| (key.name.as_str(), key.kind))
        .collect();
    let attributes = kinds.into_iter().map(|(name, kind)| {
        Ok(AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(ScalarAttributeType::from(kind.as_str()))
            .build()?)
    });
    attributes.collect()
}

fn projection(projection: &Projection) -> Result<sdk::Projection> {
    match projection {
        Projection::KeysOnly => Ok(sdk::Projection::builder()
            .projection_type(ProjectionType::KeysOnly)
            .build()),
        other => bail!("an index that holds {other:?} is not known here"),
    }
}

fn schema(partition: &KeyAttribute, sort: Option<&KeyAttribute>) -> Result<Vec<KeySchemaElement>> {
    let key = |key: &KeyAttribute, kind| {
        KeySchemaElement::builder()
            .attribute_name(&key.name)
            .key_type(kind)
            .build()
    };
    let mut schema = vec![key(partition, KeyType::Hash)?];
    if let Some(sort) = sort {
        schema.push(key(sort, KeyType::Range)?);
    }
    Ok(schema)
}
