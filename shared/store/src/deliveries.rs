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
    versioned::{Swap, Versioned},
};

impl Store {
    /// The record of a delivery, unless it is old enough to be forgotten.
    pub async fn delivery(
        &self,
        key: &DeliveryKey,
        now: Timestamp,
    ) -> Result<Option<Delivery>, StoreError> {
        let found = self.versioned_delivery(key, now).await?;
        Ok(found.map(Versioned::into_value))
    }

    /// The same, to base a change on.
    pub async fn versioned_delivery(
        &self,
        key: &DeliveryKey,
        now: Timestamp,
    ) -> Result<Option<Versioned<Delivery>>, StoreError> {
        let Some(item) = self.read(&Name::Delivery(key.clone()).key()).await? else {
            return Ok(None);
        };
        let record: DeliveryRecord = record(item)?;
        if record.outdated(now) {
            return Ok(None);
        }
        parse(key, record).map(Some)
    }

    /// Puts on record what becomes of a delivery. The precondition is that nobody has put anything there since it was
    /// read, nor before if nothing was.
    pub async fn swap_delivery(
        &self,
        read: Option<&Versioned<Delivery>>,
        next: &Delivery,
        now: Timestamp,
    ) -> Result<Swap<Delivery>, StoreError> {
        self.put_delivery(read, next, None, now).await
    }

    /// Puts on record that a delivery stopped half-way, with its message, to be taken up again when it is due.
    /// The precondition is the same.
    pub async fn interrupt_delivery(
        &self,
        read: Option<&Versioned<Delivery>>,
        next: &Delivery,
        message: &DeliveryMessage,
        now: Timestamp,
    ) -> Result<Swap<Delivery>, StoreError> {
        let message = serde_json::to_string(message)
            .map_err(|error| corrupt(&next.key, error.to_string()))?;
        self.put_delivery(read, next, Some(message), now).await
    }

    /// A delivery that something is left to do for, and the message of an interrupted one.
    pub async fn due_delivery(
        &self,
        key: &DeliveryKey,
    ) -> Result<Option<(Versioned<Delivery>, Option<DeliveryMessage>)>, StoreError> {
        let Some(item) = self.read(&Name::Delivery(key.clone()).key()).await? else {
            return Ok(None);
        };
        let record: DeliveryRecord = record(item)?;
        let message = record.message().map_err(|what| corrupt(key, what))?;
        let found = parse(key, record)?;
        let due = found.value().due_at.is_some();
        Ok(due.then_some((found, message)))
    }

    /// Moves the due time of a decided delivery to the one that it has now, or takes it away. The precondition
    /// is that its answer has not been told; if it has, nothing is written.
    pub async fn move_answer(&self, delivery: &Delivery) -> Result<(), StoreError> {
        let key = Name::Delivery(delivery.key.clone()).key();
        let Some(there) = self.read(&key).await? else {
            return Ok(());
        };
        let record: DeliveryRecord = record(there)?;
        let there = parse(&delivery.key, record)?;
        if there.value().due_at.is_none() || there.value().verdict != delivery.verdict {
            return Ok(());
        }
        let record = DeliveryRecord::of(delivery, there.version().saturating_add(1));
        let moved = self.put(item(&key, &record)?, Condition::version(there.version()));
        moved.await.map(drop)
    }

    async fn put_delivery(
        &self,
        read: Option<&Versioned<Delivery>>,
        next: &Delivery,
        message: Option<String>,
        now: Timestamp,
    ) -> Result<Swap<Delivery>, StoreError> {
        let version = read.map_or(0, Versioned::version).saturating_add(1);
        let record = match message {
            Some(message) => DeliveryRecord::interrupted(next, version, message),
            None => DeliveryRecord::of(next, version),
        };
        let item = item(&Name::Delivery(next.key.clone()).key(), &record)?;
        let condition = match read {
            Some(read) => Condition::version(read.version()),
            None => Condition {
                expression: "attribute_not_exists(pk) OR #ttl <= :now",
                values: vec![(":now", AttributeValue::N(now.as_second().to_string()))],
            },
        };
        Ok(match self.put(item, condition).await? {
            Put::Written => Swap::Written(Versioned::new(next.clone(), version)),
            Put::Refused(Some(there)) => Swap::Newer(read_item(&next.key, there)?),
            Put::Refused(None) => Swap::Gone,
        })
    }
}

fn read_item(key: &DeliveryKey, there: Item) -> Result<Versioned<Delivery>, StoreError> {
    parse(key, record(there)?)
}

fn parse(key: &DeliveryKey, record: DeliveryRecord) -> Result<Versioned<Delivery>, StoreError> {
    let version = record.version();
    let delivery = record.into_delivery(key.clone());
    let delivery = delivery.map_err(|what| corrupt(key, what))?;
    Ok(Versioned::new(delivery, version))
}

fn corrupt(key: &DeliveryKey, what: String) -> StoreError {
    StoreError::Corrupt {
        key: Name::Delivery(key.clone()).key().to_string(),
        what,
    }
}
