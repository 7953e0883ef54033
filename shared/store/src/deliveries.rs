//! Deliveries.

use aws_sdk_dynamodb::types::AttributeValue;
use contract::DeliveryMessage;
use domain::{Delivery, DeliveryKey};
use jiff::Timestamp;

use crate::{
    Store, StoreError,
    item::{Condition, Item, Put, item, record},
    keys::Name,
    record::DeliveryRecord,
};

/// What became of a delivery's verdict.
#[derive(Debug)]
pub enum Recorded {
    /// It is on record, for the first time.
    First,
    /// An earlier verdict stands.
    Already(Box<Delivery>),
}

impl Store {
    /// The record of a delivery, unless it is old enough to be forgotten.
    pub async fn delivery(
        &self,
        key: &DeliveryKey,
        now: Timestamp,
    ) -> Result<Option<Delivery>, StoreError> {
        let Some(item) = self.read(&Name::Delivery(key.clone()).key()).await? else {
            return Ok(None);
        };
        let record: DeliveryRecord = record(item)?;
        if record.outdated(now) {
            return Ok(None);
        }
        record
            .into_delivery(key.clone())
            .map(Some)
            .map_err(|what| corrupt(key, what))
    }

    /// Puts a verdict on record. The precondition is that there is none yet, other than an interruption or
    /// one old enough to be forgotten.
    pub async fn record_delivery(
        &self,
        delivery: &Delivery,
        now: Timestamp,
    ) -> Result<Recorded, StoreError> {
        self.put_delivery(delivery, &DeliveryRecord::of(delivery), now)
            .await
    }

    /// Puts on record that a delivery stopped half-way, with its message, to be taken up again when it is due.
    /// The precondition is the same as for a verdict.
    pub async fn interrupt_delivery(
        &self,
        delivery: &Delivery,
        message: &DeliveryMessage,
        now: Timestamp,
    ) -> Result<Recorded, StoreError> {
        let message = serde_json::to_string(message)
            .map_err(|error| corrupt(&delivery.key, error.to_string()))?;
        self.put_delivery(
            delivery,
            &DeliveryRecord::interrupted(delivery, message),
            now,
        )
        .await
    }

    /// A delivery that something is left to do for, and the message of an interrupted one.
    pub async fn due_delivery(
        &self,
        key: &DeliveryKey,
    ) -> Result<Option<(Delivery, Option<DeliveryMessage>)>, StoreError> {
        let Some(item) = self.read(&Name::Delivery(key.clone()).key()).await? else {
            return Ok(None);
        };
        let record: DeliveryRecord = record(item)?;
        let message = record.message().map_err(|what| corrupt(key, what))?;
        let delivery = record
            .into_delivery(key.clone())
            .map_err(|what| corrupt(key, what))?;
        Ok(delivery.due_at.is_some().then_some((delivery, message)))
    }

    /// Moves the due time of a decided delivery to the one that it has now, or takes it away. The precondition
    /// is that its answer has not been told; if it has, nothing is written.
    pub async fn move_answer(&self, delivery: &Delivery) -> Result<(), StoreError> {
        let record = DeliveryRecord::of(delivery);
        let item = item(&Name::Delivery(delivery.key.clone()).key(), &record)?;
        let condition = Condition {
            expression: "attribute_exists(due_at) AND attribute_not_exists(message)",
            values: Vec::new(),
        };
        self.put(item, condition).await?;
        Ok(())
    }

    async fn put_delivery(
        &self,
        delivery: &Delivery,
        record: &DeliveryRecord,
        now: Timestamp,
    ) -> Result<Recorded, StoreError> {
        let item = item(&Name::Delivery(delivery.key.clone()).key(), record)?;
        let condition = Condition {
            expression: "attribute_not_exists(pk) OR attribute_exists(message) OR #ttl <= :now",
            values: vec![(":now", AttributeValue::N(now.as_second().to_string()))],
        };
        match self.put(item, condition).await? {
            Put::Written => Ok(Recorded::First),
            Put::Refused(there) => Ok(Recorded::Already(Box::new(already(delivery, there)?))),
        }
    }
}

fn already(delivery: &Delivery, there: Option<Item>) -> Result<Delivery, StoreError> {
    let key = &delivery.key;
    let there = there.ok_or_else(|| corrupt(key, "refused by nothing".to_owned()))?;
    let record: DeliveryRecord = record(there)?;
    record
        .into_delivery(key.clone())
        .map_err(|what| corrupt(key, what))
}

fn corrupt(key: &DeliveryKey, what: String) -> StoreError {
    StoreError::Corrupt {
        key: Name::Delivery(key.clone()).key().to_string(),
        what,
    }
}
