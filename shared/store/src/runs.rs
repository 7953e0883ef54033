//! Runs.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Run, RunKey, TicketKey, Verb};

use crate::{
    Store, StoreError,
    item::{Condition, Item, Put, item, key_of, record},
    keys::{Name, runs_prefix, ticket_pk},
    record::RunRecord,
};

/// How often a change is tried again because another one came first.
const TRIES: usize = 10;

/// What became of a new run.
#[derive(Debug)]
pub enum Created {
    /// It is stored.
    New,
    /// Its place was taken by another one in the meantime.
    Taken,
}

impl Store {
    /// Stores a new run. The precondition is that its place is free: of two that want the same sequence
    /// number, one gets it.
    pub async fn create_run(&self, run: &Run) -> Result<Created, StoreError> {
        let item = item(&Name::Run(run.key()).key(), &self.run_record(run, 1))?;
        match self.put(item, Condition::absent()).await? {
            Put::Written => Ok(Created::New),
            Put::Refused(_) => Ok(Created::Taken),
        }
    }

    /// The run at `key`.
    pub async fn run(&self, key: &RunKey) -> Result<Option<Run>, StoreError> {
        Ok(self.versioned(key).await?.map(|(run, _)| run))
    }

    /// The newest runs of a verb on a ticket, newest first.
    pub async fn newest_runs(
        &self,
        ticket: &TicketKey,
        verb: Verb,
        limit: i32,
    ) -> Result<Vec<Run>, StoreError> {
        let items = self
            .newest(ticket_pk(ticket), runs_prefix(verb), limit)
            .await?;
        items.into_iter().map(|item| Ok(parse(item)?.0)).collect()
    }

    /// Changes the run at `key` by `change`, which may be called several times: the write's precondition is
    /// that nobody changed the run since it was read. A change that changes nothing writes nothing.
    /// None if there is no such run.
    pub async fn change_run<T>(
        &self,
        key: &RunKey,
        change: impl Fn(&mut Run) -> T + Send,
    ) -> Result<Option<(Run, T)>, StoreError> {
        for _ in 0..TRIES {
            let Some((before, version)) = self.versioned(key).await? else {
                return Ok(None);
            };
            let mut run = before.clone();
            let answer = change(&mut run);
            if run == before || self.replace_run(&run, version).await? {
                return Ok(Some((run, answer)));
            }
        }
        Err(StoreError::Unavailable(
            "too many others change the same run".to_owned(),
        ))
    }

    fn run_record(&self, run: &Run, version: u64) -> RunRecord {
        let mut write = [0; 4];
        self.random.fill(&mut write);
        RunRecord::of(run, version, u32::from_le_bytes(write))
    }

    async fn versioned(&self, key: &RunKey) -> Result<Option<(Run, u64)>, StoreError> {
        self.read(&Name::Run(key.clone()).key())
            .await?
            .map(parse)
            .transpose()
    }

    async fn replace_run(&self, run: &Run, version: u64) -> Result<bool, StoreError> {
        let item = item(
            &Name::Run(run.key()).key(),
            &self.run_record(run, version + 1),
        )?;
        let condition = Condition {
            expression: "version = :version",
            values: vec![(":version", AttributeValue::N(version.to_string()))],
        };
        Ok(matches!(self.put(item, condition).await?, Put::Written))
    }
}

fn parse(item: Item) -> Result<(Run, u64), StoreError> {
    let key = key_of(&item)?;
    let corrupt = |what: String| StoreError::Corrupt {
        key: key.to_string(),
        what,
    };
    let Some(Name::Run(name)) = Name::parse(&key) else {
        return Err(corrupt("not a run's key".to_owned()));
    };
    let record: RunRecord = record(item)?;
    let version = record.version;
    Ok((record.into_run(&name).map_err(corrupt)?, version))
}
