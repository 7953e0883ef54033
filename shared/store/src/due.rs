//! What is due, in time proportional to what is due.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{DeliveryKey, RunKey};
use jiff::Timestamp;

use crate::{
    Store, StoreError,
    item::key_of,
    keys::Name,
    record::time::{SHARDS, shard_name},
    record::to_millis,
    table::{DUE, DUE_AT, DUE_SHARD},
};

/// Something whose time has come. The index lags behind the table, so it is to be read again.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Due {
    /// A run.
    Run(RunKey),
    /// A delivery that stopped half-way.
    Delivery(DeliveryKey),
}

impl Store {
    /// What is due at `now`, at most `limit` of each shard, longest due first.
    pub async fn due(&self, now: Timestamp, limit: i32) -> Result<Vec<Due>, StoreError> {
        let mut due = Vec::new();
        for shard in 0..SHARDS {
            let answer = self
                .client
                .query()
                .table_name(&self.table)
                .index_name(DUE)
                .key_condition_expression("#shard = :shard AND #at <= :now")
                .expression_attribute_names("#shard", DUE_SHARD)
                .expression_attribute_names("#at", DUE_AT)
                .expression_attribute_values(":shard", AttributeValue::S(shard_name(shard)))
                .expression_attribute_values(":now", AttributeValue::N(to_millis(now).to_string()))
                .limit(limit)
                .send()
                .await?;
            for item in answer.items.unwrap_or_default() {
                let key = key_of(&item)?;
                match Name::parse(&key) {
                    Some(Name::Run(run)) => due.push(Due::Run(run)),
                    Some(Name::Delivery(delivery)) => due.push(Due::Delivery(delivery)),
                    _ => tracing::error!(%key, "something in the due index is not ours"),
                }
            }
        }
        Ok(due)
    }
}
