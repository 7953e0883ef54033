//! Runs.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{DefinitionName, Run, RunKey, SubjectKey};
use jiff::Timestamp;

use crate::{
    Store, StoreError,
    item::{Condition, Item, Put, item, key_of, record},
    keys::{Name, runs_prefix, subject_pk},
    record::RunRecord,
};

/// How often a change is tried again because another one came first.
const TRIES: usize = 10;

/// How many runs are read at once; hardly ever are more asked for.
const PAGE: i32 = 5;

/// The version of a run that was just created.
const FIRST: u64 = 1;

/// A run as it was read, on which a change can be based.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The run.
    pub run: Run,
    version: u64,
}

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
        let item = item(&Name::Run(run.key()).key(), &self.run_record(run, FIRST))?;
        match self.put(item, Condition::absent()).await? {
            Put::Written => Ok(Created::New),
            Put::Refused(_) => Ok(Created::Taken),
        }
    }

    /// The run at `key`.
    pub async fn run(&self, key: &RunKey) -> Result<Option<Run>, StoreError> {
        Ok(self.see_run(key).await?.map(|seen| seen.run))
    }

    /// The newest runs of a definition on a subject, newest first.
    pub async fn newest_runs(
        &self,
        subject: &SubjectKey,
        name: DefinitionName,
        limit: i32,
    ) -> Result<Vec<Run>, StoreError> {
        let items = self
            .newest(subject_pk(subject), runs_prefix(name), limit)
            .await?;
        items.into_iter().map(|item| Ok(parse(item)?.run)).collect()
    }

    /// The runs of a definition on a subject, newest first: all that were started at `since` or later, and perhaps
    /// older ones.
    pub async fn runs_since(
        &self,
        subject: &SubjectKey,
        name: DefinitionName,
        since: Timestamp,
    ) -> Result<Vec<Run>, StoreError> {
        let (mut runs, mut from) = (Vec::new(), None);
        loop {
            let page = self.newest_from(subject_pk(subject), runs_prefix(name), PAGE, from);
            let (items, next) = page.await?;
            for item in items {
                runs.push(parse(item)?.run);
            }
            let oldest = runs.last().map(|run: &Run| run.created_at);
            match next {
                Some(next) if oldest.is_some_and(|oldest| oldest >= since) => from = Some(next),
                _ => return Ok(runs),
            }
        }
    }

    /// The run at `key`, to base a change on.
    pub async fn see_run(&self, key: &RunKey) -> Result<Option<Seen>, StoreError> {
        let item = self.read(&Name::Run(key.clone()).key()).await?;
        item.map(parse).transpose()
    }

    /// Changes the run at `key` by `change`, as [`Self::change_seen`] does. None if there is no such run.
    pub async fn change_run<T>(
        &self,
        key: &RunKey,
        change: impl FnMut(&mut Run) -> T + Send,
    ) -> Result<Option<(Run, T)>, StoreError> {
        let Some(seen) = self.see_run(key).await? else {
            return Ok(None);
        };
        let (seen, answer) = self.change_seen(seen, change).await?;
        Ok(Some((seen.run, answer)))
    }

    /// Changes a run by `change`, which may be called several times: the write's precondition is that nobody
    /// changed the run since it was seen, and if somebody did, the change is made to what is there instead. A
    /// change that changes nothing writes nothing, so what it was based on may be older than the table.
    pub async fn change_seen<T>(
        &self,
        mut seen: Seen,
        mut change: impl FnMut(&mut Run) -> T + Send,
    ) -> Result<(Seen, T), StoreError> {
        for _ in 0..TRIES {
            let mut run = seen.run.clone();
            let answer = change(&mut run);
            if run == seen.run {
                return Ok((seen, answer));
            }
            match self.replace_run(run, seen.version).await? {
                Replaced::Written(seen) => return Ok((seen, answer)),
                Replaced::Newer(newer) => seen = newer,
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

    async fn replace_run(&self, run: Run, version: u64) -> Result<Replaced, StoreError> {
        let key = Name::Run(run.key()).key();
        let item = item(&key, &self.run_record(&run, version + 1))?;
        let condition = Condition {
            expression: "version = :version",
            values: vec![(":version", AttributeValue::N(version.to_string()))],
        };
        match self.put(item, condition).await? {
            Put::Written => Ok(Replaced::Written(Seen {
                run,
                version: version + 1,
            })),
            Put::Refused(Some(there)) => Ok(Replaced::Newer(parse(there)?)),
            Put::Refused(None) => Err(StoreError::Corrupt {
                key: key.to_string(),
                what: "a run has vanished, or the table does not say what is there".to_owned(),
            }),
        }
    }
}

/// What became of a changed run.
#[derive(Debug)]
enum Replaced {
    /// It is stored.
    Written(Seen),
    /// Somebody else changed it first, to this.
    Newer(Seen),
}

/// The run in an item.
fn parse(item: Item) -> Result<Seen, StoreError> {
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
    Ok(Seen {
        run: record.into_run(&name).map_err(corrupt)?,
        version,
    })
}
