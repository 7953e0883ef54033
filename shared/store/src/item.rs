//! The few calls that everything else is made of.

use std::{collections::HashMap, hash::BuildHasher};

use aws_sdk_dynamodb::{
    operation::put_item::PutItemError,
    types::{AttributeValue, ReturnValuesOnConditionCheckFailure},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Store, StoreError,
    keys::Key,
    table::{PK, SK, TTL},
};

/// An item as the SDK has it.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// What must hold for a write.
#[derive(Debug)]
pub(crate) struct Condition {
    pub(crate) expression: &'static str,
    pub(crate) values: Vec<(&'static str, AttributeValue)>,
}

impl Condition {
    pub(crate) fn absent() -> Self {
        Self {
            expression: "attribute_not_exists(pk)",
            values: Vec::new(),
        }
    }
}

/// What became of a conditional write.
#[derive(Debug)]
pub(crate) enum Put {
    /// The item is there as it was to be written.
    Written,
    /// The condition did not hold; this is what is there instead, if anything is.
    Refused(Option<Item>),
}

impl Store {
    /// Writes an item if `condition` holds. A write whose first answer was lost looks refused when the SDK
    /// sends it again; it is told apart by what is there, which is then exactly what was to be written.
    pub(crate) async fn put(&self, item: Item, condition: Condition) -> Result<Put, StoreError> {
        let mut request = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item.clone()))
            .condition_expression(condition.expression)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        // These are among DynamoDB's reserved words.
        for (placeholder, name) in [("#ttl", TTL), ("#order", "order")] {
            if condition.expression.contains(placeholder) {
                request = request.expression_attribute_names(placeholder, name);
            }
        }
        for (name, value) in condition.values {
            request = request.expression_attribute_values(name, value);
        }
        match request.send().await {
            Ok(_) => Ok(Put::Written),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                    let there = failed.item().cloned();
                    Ok(if there.as_ref() == Some(&item) {
                        Put::Written
                    } else {
                        Put::Refused(there)
                    })
                }
                _ => Err(error.into()),
            },
        }
    }

    /// Reads an item, seeing every write that was acknowledged before.
    pub(crate) async fn read(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .key(PK, AttributeValue::S(key.pk.clone()))
            .key(SK, AttributeValue::S(key.sk.clone()))
            .consistent_read(true)
            .send()
            .await?;
        Ok(answer.item)
    }

    /// Reads the newest items of a partition whose sort keys begin with `prefix`, newest first.
    pub(crate) async fn newest(
        &self,
        pk: String,
        prefix: String,
        limit: i32,
    ) -> Result<Vec<Item>, StoreError> {
        Ok(self.newest_from(pk, prefix, limit, None).await?.0)
    }

    /// The same, going on behind the key at which another page has ended; with the key at which this one does.
    pub(crate) async fn newest_from(
        &self,
        pk: String,
        prefix: String,
        limit: i32,
        from: Option<Item>,
    ) -> Result<(Vec<Item>, Option<Item>), StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", AttributeValue::S(pk))
            .expression_attribute_values(":prefix", AttributeValue::S(prefix))
            .consistent_read(true)
            .scan_index_forward(false)
            .limit(limit)
            .set_exclusive_start_key(from)
            .send()
            .await?;
        Ok((answer.items.unwrap_or_default(), answer.last_evaluated_key))
    }
}

/// A record with its key, as an item.
pub(crate) fn item(key: &Key, record: &impl Serialize) -> Result<Item, StoreError> {
    let corrupt = |what: String| StoreError::Corrupt {
        key: key.to_string(),
        what,
    };
    let mut item: Item =
        serde_dynamo::to_item(record).map_err(|error| corrupt(error.to_string()))?;
    item.insert(PK.to_owned(), AttributeValue::S(key.pk.clone()));
    item.insert(SK.to_owned(), AttributeValue::S(key.sk.clone()));
    Ok(item)
}

/// The key among the attributes of an item, such as a record of the table's stream names.
pub fn key_of(item: &HashMap<String, AttributeValue, impl BuildHasher>) -> Result<Key, StoreError> {
    let text = |name: &str| match item.get(name) {
        Some(AttributeValue::S(text)) => Ok(text.clone()),
        _ => Err(StoreError::Corrupt {
            key: "?".to_owned(),
            what: format!("no {name}"),
        }),
    };
    Ok(Key {
        pk: text(PK)?,
        sk: text(SK)?,
    })
}

/// The record in an item.
pub(crate) fn record<R: DeserializeOwned>(item: Item) -> Result<R, StoreError> {
    let key = key_of(&item)?;
    serde_dynamo::from_item(item).map_err(|error| StoreError::Corrupt {
        key: key.to_string(),
        what: error.to_string(),
    })
}
