//! Heads of runs.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{DefinitionName, RunHead, RunId, RunKey, SubjectKey, TenantId};
use jiff::Timestamp;

use crate::{
    Store, StoreError,
    item::{Condition, Item, Put, item, key_of, record},
    keys::{Name, runs_of_tenant, runs_prefix, subject_pk},
    record::{HeadRecord, WrongRecord},
    table::{LIST, LIST_ID, LIST_OF},
    versioned::name_of,
};

/// How many heads are read at once; hardly ever are more asked for.
const PAGE: i32 = 5;

/// What became of a write of a head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeadWritten {
    /// It is stored.
    Written,
    /// Another one was quicker, and this is there.
    Newer(Box<RunHead>),
    /// There is none to write over.
    Gone,
}

impl Store {
    /// Puts the head of a new run. The precondition is that its place is free: of two that want the same sequence number,
    /// one gets it.
    pub async fn put_head(&self, head: &RunHead) -> Result<HeadWritten, StoreError> {
        self.write_head(head, Condition::absent()).await
    }

    /// Puts what a head has become by a commit. The precondition is that its version is the one before.
    pub async fn commit_head(&self, next: &RunHead) -> Result<HeadWritten, StoreError> {
        let read = next.version().0.saturating_sub(1);
        self.write_head(next, Condition::version(read)).await
    }

    /// Moves the due time of a head that is over. The precondition is its version, which stays.
    pub async fn move_head(&self, head: &RunHead) -> Result<HeadWritten, StoreError> {
        self.write_head(head, Condition::version(head.version().0))
            .await
    }

    /// The head of a run.
    pub async fn head(&self, key: &RunKey) -> Result<Option<RunHead>, StoreError> {
        let item = self.read(&Name::Run(key.clone()).key()).await?;
        item.map(parse).transpose()
    }

    /// The newest heads of a definition on a subject, newest first.
    pub async fn newest_heads(
        &self,
        subject: &SubjectKey,
        name: DefinitionName,
        limit: i32,
    ) -> Result<Vec<RunHead>, StoreError> {
        let found = self.newest(subject_pk(subject), runs_prefix(name), limit);
        found.await?.into_iter().map(parse).collect()
    }

    /// The heads of a definition on a subject, newest first: all that were put at `since` or later, and perhaps older
    /// ones.
    pub async fn heads_since(
        &self,
        subject: &SubjectKey,
        name: DefinitionName,
        since: Timestamp,
    ) -> Result<Vec<RunHead>, StoreError> {
        let (mut heads, mut from) = (Vec::new(), None);
        loop {
            let page = self.newest_from(subject_pk(subject), runs_prefix(name), PAGE, from);
            let (items, next) = page.await?;
            for item in items {
                heads.push(parse(item)?);
            }
            let oldest = heads.last().map(RunHead::created_at);
            match next {
                Some(next) if oldest.is_some_and(|oldest| oldest >= since) => from = Some(next),
                _ => return Ok(heads),
            }
        }
    }

    /// Where the run with that id is, among those of the tenant: another tenant's id does not exist. The index lags, so
    /// that a run of the last seconds may not be found yet.
    pub async fn find_run(
        &self,
        tenant: &TenantId,
        id: RunId,
    ) -> Result<Option<RunKey>, StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(LIST)
            .key_condition_expression("#of = :of AND #id = :id")
            .expression_attribute_names("#of", LIST_OF)
            .expression_attribute_names("#id", LIST_ID)
            .expression_attribute_values(":of", AttributeValue::S(runs_of_tenant(tenant)))
            .expression_attribute_values(":id", AttributeValue::S(id.to_string()))
            .send()
            .await?;
        let mut found = answer.items.unwrap_or_default();
        found.pop().map(|item| run_of(&item)).transpose()
    }

    /// Where the newest runs of a tenant are, newest first. The index lags.
    pub async fn list_runs(
        &self,
        tenant: &TenantId,
        limit: i32,
    ) -> Result<Vec<RunKey>, StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(LIST)
            .key_condition_expression("#of = :of")
            .expression_attribute_names("#of", LIST_OF)
            .expression_attribute_values(":of", AttributeValue::S(runs_of_tenant(tenant)))
            .scan_index_forward(false)
            .limit(limit)
            .send()
            .await?;
        answer
            .items
            .unwrap_or_default()
            .iter()
            .map(run_of)
            .collect()
    }

    async fn write_head(
        &self,
        head: &RunHead,
        condition: Condition,
    ) -> Result<HeadWritten, StoreError> {
        let mut write = [0; 4];
        self.random.fill(&mut write);
        let record = HeadRecord::of(head, u32::from_le_bytes(write));
        let item = item(&Name::Run(head.key()).key(), &record)?;
        Ok(match self.put(item, condition).await? {
            Put::Written => HeadWritten::Written,
            Put::Refused(Some(there)) => HeadWritten::Newer(Box::new(parse(there)?)),
            Put::Refused(None) => HeadWritten::Gone,
        })
    }
}

fn run_of(item: &Item) -> Result<RunKey, StoreError> {
    match name_of(item)? {
        Name::Run(run) => Ok(run),
        other => Err(WrongRecord::Nonsense("not a run's key".to_owned()).at(&other.key())),
    }
}

/// The head in an item.
fn parse(item: Item) -> Result<RunHead, StoreError> {
    let (key, run) = (key_of(&item)?, run_of(&item)?);
    let record: HeadRecord = record(item)?;
    record.into_head(&run).map_err(|wrong| wrong.at(&key))
}
