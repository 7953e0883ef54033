//! Requests to stop that are in force.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{DeliveryId, DeliveryKey, InstallationId, Login, RequestTime, StopRequest, TicketKey};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Store, StoreError,
    item::{Condition, item, record},
    keys::Name,
    record::{RequestTimeRecord, to_millis},
};

/// Longer than anything that was asked for before can still start.
const KEPT: SignedDuration = SignedDuration::from_hours(8 * 24);

#[derive(Debug, Serialize, Deserialize)]
struct StopRecord {
    /// The request's time as a text that sorts as requests to stop do: the later one stays.
    order: String,
    asked: RequestTimeRecord,
    by: Login,
    delivery: DeliveryId,
    installation: InstallationId,
    ttl: i64,
}

impl Store {
    /// Puts a request to stop in force, unless a later one is. Whatever was asked for before it is to end,
    /// also what has not begun.
    pub async fn put_stop(
        &self,
        ticket: &TicketKey,
        stop: &StopRequest,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let record = StopRecord {
            order: order(&stop.asked),
            asked: RequestTimeRecord::of(&stop.asked),
            by: stop.by.clone(),
            delivery: stop.delivery.id.clone(),
            installation: stop.delivery.installation,
            ttl: (now + KEPT).as_second(),
        };
        let condition = Condition {
            expression: "attribute_not_exists(pk) OR #order < :order",
            values: vec![(":order", AttributeValue::S(record.order.clone()))],
        };
        let key = Name::Stop(ticket.clone()).key();
        self.put(item(&key, &record)?, condition).await?;
        Ok(())
    }

    /// The request to stop that is in force.
    pub async fn stop(&self, ticket: &TicketKey) -> Result<Option<StopRequest>, StoreError> {
        let key = Name::Stop(ticket.clone()).key();
        let Some(found) = self.read(&key).await? else {
            return Ok(None);
        };
        let record: StopRecord = record(found)?;
        let asked = record.asked.into_time();
        Ok(Some(StopRequest {
            by: record.by,
            asked: asked.map_err(|what| StoreError::Corrupt {
                key: key.to_string(),
                what,
            })?,
            delivery: DeliveryKey {
                provider: ticket.provider,
                installation: record.installation,
                id: record.delivery,
            },
        }))
    }
}

/// Of two at the same instant, the one that no number bounds ends more.
fn order(asked: &RequestTime) -> String {
    let comment = asked.comment().map_or(u64::MAX, |comment| comment.0);
    format!("{:016}.{comment:020}", to_millis(asked.at()).max(0))
}
