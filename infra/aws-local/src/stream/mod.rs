//! Reading a table's stream as a function's trigger would.

mod checkpoint;
mod records;

use dynoxide::Database;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::db::Db;
use checkpoint::Checkpoint;

/// Why a stream cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// The table does not exist or has no stream.
    #[error("the table {0} does not exist or has no stream")]
    NoStream(String),
    /// The embedded DynamoDB failed.
    #[error("the stream cannot be read: {0}")]
    Read(String),
    /// The checkpoint cannot be read or written.
    #[error("the checkpoint cannot be kept: {0}")]
    Checkpoint(#[from] rusqlite::Error),
    /// The endpoints have stopped.
    #[error("the endpoints have stopped")]
    Stopped,
}

/// Records to be processed, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// The records as Lambda gets them. Never empty.
    pub records: Vec<Value>,
    /// The sequence number to remember once all of them are processed.
    last: String,
}

impl Batch {
    /// The event of a Lambda function with a stream as its trigger.
    pub fn event(&self) -> Value {
        json!({ "Records": self.records })
    }

    /// The sequence number of a record of a batch.
    pub fn sequence_number(record: &Value) -> &str {
        record["dynamodb"]["SequenceNumber"]
            .as_str()
            .unwrap_or_default()
    }
}

/// Reads the stream of one table from where its consumer left off; at first from the oldest record.
///
/// Records come once more until they are committed, also after a restart. A write that leaves an item
/// as it was yields no record, as on AWS, where the stream carries both images.
pub struct StreamReader {
    table: String,
    database: Database,
    changes: watch::Receiver<u64>,
    checkpoint: Checkpoint,
}

impl std::fmt::Debug for StreamReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StreamReader")
            .field("checkpoint", &self.checkpoint)
            .finish_non_exhaustive()
    }
}

impl StreamReader {
    pub(crate) fn new(
        table: &str,
        consumer: &str,
        database: Database,
        changes: watch::Receiver<u64>,
        db: Db,
    ) -> Self {
        let checkpoint = Checkpoint::new(db, table, consumer);
        Self {
            table: table.to_owned(),
            database,
            changes,
            checkpoint,
        }
    }

    /// Waits until there are records after the checkpoint and returns up to `limit` of them
    /// (at least 1, at most 1000). Nothing runs while there are none: the wait ends with the next
    /// write that comes in through the port. Dropping the wait loses nothing.
    ///
    /// # Errors
    /// When the table has no stream, or its state cannot be read.
    pub async fn next(&mut self, limit: usize) -> Result<Batch, StreamError> {
        loop {
            self.changes.mark_unchanged();
            if let Some(batch) = self.read(limit.clamp(1, 1000)).await? {
                return Ok(batch);
            }
            self.changes
                .changed()
                .await
                .map_err(|_| StreamError::Stopped)?;
        }
    }

    /// As [`StreamReader::next`], without waiting: `None` when there are no records now.
    ///
    /// # Errors
    /// As [`StreamReader::next`].
    pub async fn try_next(&mut self, limit: usize) -> Result<Option<Batch>, StreamError> {
        self.read(limit.clamp(1, 1000)).await
    }

    /// Remembers that all of `batch` is processed.
    ///
    /// # Errors
    /// When the checkpoint cannot be written.
    pub fn commit(&mut self, batch: &Batch) -> Result<(), StreamError> {
        self.commit_through(&batch.last)
    }

    /// Remembers that everything up to and including `sequence_number` is processed, as after a
    /// partial failure.
    ///
    /// # Errors
    /// When the checkpoint cannot be written.
    pub fn commit_through(&mut self, sequence_number: &str) -> Result<(), StreamError> {
        Ok(self.checkpoint.set(sequence_number)?)
    }

    async fn read(&mut self, limit: usize) -> Result<Option<Batch>, StreamError> {
        loop {
            let after = self.checkpoint.get()?;
            let (table, database) = (self.table.clone(), self.database.clone());
            let reading =
                tokio::task::spawn_blocking(move || records::read(&database, &table, after, limit));
            let found = reading
                .await
                .map_err(|error| StreamError::Read(error.to_string()))??;
            let Some(last) = found.last else {
                return Ok(None);
            };
            if !found.records.is_empty() {
                return Ok(Some(Batch {
                    records: found.records,
                    last,
                }));
            }
            // Only writes that changed nothing: there is nothing to process, so step over them.
            self.checkpoint.set(&last)?;
        }
    }
}
