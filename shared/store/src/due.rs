//! What is due, in time proportional to what is due.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{DefinitionName, DeliveryKey, RunId, RunKey, StepRef, SubjectKey};
use futures_util::future::try_join_all;
use jiff::Timestamp;

use crate::{
    Store, StoreError,
    item::{Item, key_of},
    keys::Name,
    record::time::{SHARDS, shard_name},
    record::to_millis,
    table::{DUE, DUE_AT, DUE_SHARD},
};

/// Something whose time has come. The index lags behind the table, so it is to be read again.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Due {
    /// The head of a run.
    Run(RunKey),
    /// A step of a run.
    Step(RunKey, StepRef),
    /// A place where a run is told.
    Tracking(RunKey),
    /// A request that waits for the slot of a definition on a subject.
    Ask(SubjectKey, DefinitionName, RunId),
    /// A delivery that stopped half-way, or whose answer has not been told.
    Delivery(DeliveryKey),
}

/// One look at what is due: its shards, and how far each has been read.
#[derive(Clone, Debug)]
pub struct DueLook {
    until: Timestamp,
    shards: Vec<(u32, Option<Item>)>,
}

impl DueLook {
    /// A look at everything that is due by `until`.
    pub fn new(until: Timestamp) -> Self {
        Self {
            until,
            shards: (0..SHARDS).map(|shard| (shard, None)).collect(),
        }
    }

    /// Whether nothing is left to read.
    pub const fn is_over(&self) -> bool {
        self.shards.is_empty()
    }
}

impl Store {
    /// The next page of a look: at most `limit` of each shard, longest due first. All shards are read at once.
    pub async fn due_page(&self, look: &mut DueLook, limit: i32) -> Result<Vec<Due>, StoreError> {
        let until = look.until;
        let shards = std::mem::take(&mut look.shards).into_iter();
        let pages = shards.map(|(shard, from)| self.shard_page(shard, from, until, limit));
        let mut found = Vec::new();
        for (shard, due, next) in try_join_all(pages).await? {
            found.extend(due);
            if next.is_some() {
                look.shards.push((shard, next));
            }
        }
        Ok(found)
    }

    /// Everything that is due at `now`.
    pub async fn due(&self, now: Timestamp) -> Result<Vec<Due>, StoreError> {
        const PAGE: i32 = 100;
        let (mut look, mut found) = (DueLook::new(now), Vec::new());
        while !look.is_over() {
            found.extend(self.due_page(&mut look, PAGE).await?);
        }
        Ok(found)
    }

    async fn shard_page(
        &self,
        shard: u32,
        from: Option<Item>,
        until: Timestamp,
        limit: i32,
    ) -> Result<(u32, Vec<Due>, Option<Item>), StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(DUE)
            .key_condition_expression("#shard = :shard AND #at <= :until")
            .expression_attribute_names("#shard", DUE_SHARD)
            .expression_attribute_names("#at", DUE_AT)
            .expression_attribute_values(":shard", AttributeValue::S(shard_name(shard)))
            .expression_attribute_values(":until", AttributeValue::N(to_millis(until).to_string()))
            .limit(limit)
            .set_exclusive_start_key(from)
            .send()
            .await?;
        let mut due = Vec::new();
        for item in answer.items.unwrap_or_default() {
            let key = key_of(&item)?;
            if let Some(found) = Name::parse(&key).and_then(of_name) {
                due.push(found);
            } else {
                tracing::error!(%key, "something in the due index is not ours");
            }
        }
        Ok((shard, due, answer.last_evaluated_key))
    }
}

fn of_name(name: Name) -> Option<Due> {
    match name {
        Name::Run(run) => Some(Due::Run(run)),
        Name::Step(run, step) => Some(Due::Step(run, step)),
        Name::Tracking(run) => Some(Due::Tracking(run)),
        Name::Ask(subject, name, run) => Some(Due::Ask(subject, name, run)),
        Name::Delivery(delivery) => Some(Due::Delivery(delivery)),
        Name::Events { .. }
        | Name::Findings(_)
        | Name::Brief(..)
        | Name::Stop(_)
        | Name::Answered(..)
        | Name::Slot { .. }
        | Name::Gaps(_) => None,
    }
}
