//! Requests to stop that are in force.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{DeliveryId, RequestTime, StopRequest, SubjectKey};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Store, StoreError,
    item::{Condition, item, record},
    keys::Name,
    record::{RequestTimeRecord, RequesterRecord, to_millis},
};

/// Longer than anything that was asked for before can still start.
const KEPT: SignedDuration = SignedDuration::from_hours(8 * 24);

#[derive(Debug, Serialize, Deserialize)]
struct StopRecord {
    /// The request's time as a text that sorts as requests to stop do: the later one stays.
    order: String,
    asked: RequestTimeRecord,
    by: RequesterRecord,
    delivery: DeliveryId,
    ttl: i64,
}

impl Store {
    /// Puts a request to stop in force, unless a later one is. Whatever was asked for before it is to end,
    /// also what has not begun.
    pub async fn put_stop(
        &self,
        subject: &SubjectKey,
        stop: &StopRequest,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let record = StopRecord {
            order: order(&stop.asked),
            asked: RequestTimeRecord::of(&stop.asked),
            by: RequesterRecord::of(&stop.by),
            delivery: stop.delivery.clone(),
            ttl: (now + KEPT).as_second(),
        };
        let condition = Condition {
            expression: "attribute_not_exists(pk) OR #order < :order",
            values: vec![(":order", AttributeValue::S(record.order.clone()))],
        };
        let key = Name::Stop(subject.clone()).key();
        self.put(item(&key, &record)?, condition).await?;
        Ok(())
    }

    /// The request to stop that is in force.
    pub async fn stop(&self, subject: &SubjectKey) -> Result<Option<StopRequest>, StoreError> {
        let key = Name::Stop(subject.clone()).key();
        let Some(found) = self.read(&key).await? else {
            return Ok(None);
        };
        let record: StopRecord = record(found)?;
        let asked = record.asked.into_time();
        Ok(Some(StopRequest {
            by: record.by.into_requester(),
            asked: asked.map_err(|what| StoreError::Corrupt {
                key: key.to_string(),
                what,
            })?,
            delivery: record.delivery,
        }))
    }
}

/// Of two at the same instant, the one that no number bounds ends more.
fn order(asked: &RequestTime) -> String {
    let number = asked.number().unwrap_or(u64::MAX);
    format!("{:016}.{number:020}", to_millis(asked.at()).max(0))
}
