//! How far a consumer has come.

use rusqlite::{OptionalExtension as _, params};

use crate::db::Db;

/// The durable checkpoint of one consumer of one table.
#[derive(Clone)]
pub(super) struct Checkpoint {
    db: Db,
    table: String,
    consumer: String,
}

impl std::fmt::Debug for Checkpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Checkpoint")
            .field("table", &self.table)
            .field("consumer", &self.consumer)
            .finish_non_exhaustive()
    }
}

impl Checkpoint {
    pub(super) fn new(db: Db, table: &str, consumer: &str) -> Self {
        Self {
            db,
            table: table.to_owned(),
            consumer: consumer.to_owned(),
        }
    }

    /// The sequence number processed last; `None` before the first.
    pub(super) fn get(&self) -> rusqlite::Result<Option<String>> {
        self.db.transaction(|transaction| {
            transaction
                .prepare_cached(
                    "SELECT sequence_number FROM checkpoints
                        WHERE table_name = ?1 AND consumer = ?2",
                )?
                .query_row(params![self.table, self.consumer], |row| row.get(0))
                .optional()
        })
    }

    pub(super) fn set(&self, sequence_number: &str) -> rusqlite::Result<()> {
        self.db.transaction(|transaction| {
            transaction
                .prepare_cached(
                    "INSERT INTO checkpoints (table_name, consumer, sequence_number)
                        VALUES (?1, ?2, ?3)
                        ON CONFLICT DO UPDATE SET sequence_number = excluded.sequence_number",
                )?
                .execute(params![self.table, self.consumer, sequence_number])?;
            Ok(())
        })
    }
}
