//! Requests that wait for the slot of their definition on a subject.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{DefinitionName, RunId, RunKey, RunOrder, RunSequence, SubjectKey};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Store, StoreError,
    item::{Condition, Item, item, key_of, record},
    keys::{Name, asks_prefix, subject_pk},
    record::{DueRecord, OrderRecord, WrongRecord, check_shape},
    table::{PK, SK},
    versioned::name_of,
};

/// The version of this shape.
const SHAPE: u32 = 1;

/// How many requests are read at once.
const PAGE: i32 = 50;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AskRecord {
    shape: u32,
    #[serde(flatten)]
    order: OrderRecord,
    #[serde(flatten)]
    due: DueRecord,
}

impl AskRecord {
    pub(crate) fn of(order: &RunOrder, due_at: Timestamp) -> Self {
        let key = Name::Ask(order.subject.key(), order.definition.name, order.id).key();
        Self {
            shape: SHAPE,
            order: OrderRecord::of(order),
            due: DueRecord::of(&key, Some(due_at)),
        }
    }

    pub(crate) fn into_order(self, key: &RunKey) -> Result<RunOrder, WrongRecord> {
        check_shape(self.shape, SHAPE)?;
        self.due.into_time()?;
        self.order.into_order(key)
    }
}

impl Store {
    /// Puts a request to wait, to be looked at then. It may be there already, with an earlier due time.
    pub async fn put_ask(&self, order: &RunOrder, due_at: Timestamp) -> Result<(), StoreError> {
        let key = Name::Ask(order.subject.key(), order.definition.name, order.id).key();
        let put = self.put(
            item(&key, &AskRecord::of(order, due_at))?,
            Condition::absent(),
        );
        put.await.map(drop)
    }

    /// The same to be looked at then, if it still waits.
    pub async fn move_ask(&self, order: &RunOrder, due_at: Timestamp) -> Result<(), StoreError> {
        let key = Name::Ask(order.subject.key(), order.definition.name, order.id).key();
        let there = Condition {
            expression: "attribute_exists(pk)",
            values: Vec::new(),
        };
        let put = self.put(item(&key, &AskRecord::of(order, due_at))?, there);
        put.await.map(drop)
    }

    /// A request that waits.
    pub async fn ask(
        &self,
        subject: &SubjectKey,
        name: DefinitionName,
        id: RunId,
    ) -> Result<Option<RunOrder>, StoreError> {
        let key = Name::Ask(subject.clone(), name, id).key();
        self.read(&key).await?.map(parse).transpose()
    }

    /// The requests that wait for a slot, first come first.
    pub async fn asks(
        &self,
        subject: &SubjectKey,
        name: DefinitionName,
    ) -> Result<Vec<RunOrder>, StoreError> {
        let (mut asks, mut from) = (Vec::new(), None);
        loop {
            let page = self.newest_from(subject_pk(subject), asks_prefix(name), PAGE, from);
            let (items, next) = page.await?;
            for item in items {
                asks.push(parse(item)?);
            }
            if next.is_none() {
                asks.reverse();
                return Ok(asks);
            }
            from = next;
        }
    }

    /// Takes a request away that waits no longer. It may be gone before.
    pub async fn delete_ask(
        &self,
        subject: &SubjectKey,
        name: DefinitionName,
        id: RunId,
    ) -> Result<(), StoreError> {
        let key = Name::Ask(subject.clone(), name, id).key();
        self.client
            .delete_item()
            .table_name(&self.table)
            .key(PK, AttributeValue::S(key.pk))
            .key(SK, AttributeValue::S(key.sk))
            .send()
            .await?;
        Ok(())
    }
}

/// The request in an item.
fn parse(item: Item) -> Result<RunOrder, StoreError> {
    let key = key_of(&item)?;
    let Name::Ask(subject, name, _) = name_of(&item)? else {
        return Err(WrongRecord::Nonsense("not a request's key".to_owned()).at(&key));
    };
    let run = RunKey {
        subject,
        name,
        sequence: RunSequence::FIRST,
    };
    let record: AskRecord = record(item)?;
    record.into_order(&run).map_err(|wrong| wrong.at(&key))
}
