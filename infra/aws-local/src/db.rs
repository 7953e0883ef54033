//! The SQLite file of this crate: queues, messages, and how far each stream reader has come.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, Transaction, TransactionBehavior};

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS queues (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL UNIQUE,
        created_ms INTEGER NOT NULL,
        modified_ms INTEGER NOT NULL,
        purged_ms INTEGER,
        attributes TEXT NOT NULL,
        tags TEXT NOT NULL
    );
    CREATE TABLE IF NOT EXISTS messages (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        queue_id INTEGER NOT NULL REFERENCES queues(id) ON DELETE CASCADE,
        message_id TEXT NOT NULL,
        body TEXT NOT NULL,
        attributes TEXT NOT NULL,
        group_id TEXT,
        trace TEXT,
        sent_ms INTEGER NOT NULL,
        visible_ms INTEGER NOT NULL,
        first_received_ms INTEGER,
        receives INTEGER NOT NULL DEFAULT 0,
        receipt TEXT,
        source_arn TEXT
    );
    CREATE INDEX IF NOT EXISTS messages_by_visibility ON messages (queue_id, visible_ms, id);
    CREATE INDEX IF NOT EXISTS messages_by_age ON messages (queue_id, sent_ms);
    CREATE INDEX IF NOT EXISTS messages_by_receives ON messages (queue_id, receives);
    CREATE TABLE IF NOT EXISTS moves (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        source_arn TEXT NOT NULL,
        destination_arn TEXT,
        status TEXT NOT NULL,
        failure TEXT,
        moved INTEGER NOT NULL,
        to_move INTEGER NOT NULL,
        rate INTEGER,
        started_ms INTEGER NOT NULL
    );
    CREATE TABLE IF NOT EXISTS checkpoints (
        table_name TEXT NOT NULL,
        consumer TEXT NOT NULL,
        sequence_number TEXT NOT NULL,
        PRIMARY KEY (table_name, consumer)
    ) WITHOUT ROWID;";

/// The one connection. Statements are short, so callers hold the lock and do not hop threads.
#[derive(Clone)]
pub(crate) struct Db(Arc<Mutex<Connection>>);

impl Db {
    /// Opens the file at `path`, or a database in memory.
    pub(crate) fn open(path: Option<&Path>) -> rusqlite::Result<Self> {
        let connection = match path {
            Some(path) => Connection::open(path)?,
            None => Connection::open_in_memory()?,
        };
        // With a write-ahead log a commit is in the system's cache when it returns, which a killed
        // process cannot take back. Only loss of power could, and that is not promised.
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.pragma_update(None, "foreign_keys", "ON")?;
        connection.set_prepared_statement_cache_capacity(64);
        connection.execute_batch(SCHEMA)?;
        Ok(Self(Arc::new(Mutex::new(connection))))
    }

    /// Runs `work` in one transaction, which is undone when `work` fails.
    pub(crate) fn transaction<T, E: From<rusqlite::Error>>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = lock(&self.0);
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let value = work(&transaction)?;
        transaction.commit()?;
        Ok(value)
    }
}

/// Locks, also after a panic elsewhere: what is guarded is consistent between statements.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
