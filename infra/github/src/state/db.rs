//! The connection and its thread.

use std::path::Path;
use std::sync::mpsc;
use std::thread;

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::oneshot;

use super::schema;
use crate::error::Error;

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// A handle to the thread that owns the connection. SQLite writes one transaction at a time anyway,
/// so one connection costs nothing and no asynchronous thread ever waits for the disk.
#[derive(Clone)]
pub(crate) struct Db {
    jobs: mpsc::Sender<Job>,
}

impl Db {
    /// Opens the file, brings its schema up and starts the thread.
    pub(crate) fn open(file: &Path) -> Result<Self, rusqlite::Error> {
        let mut connection = Connection::open(file)?;
        schema::prepare(&mut connection)?;
        let (jobs, queue) = mpsc::channel::<Job>();
        thread::spawn(move || {
            while let Ok(job) = queue.recv() {
                job(&mut connection);
            }
        });
        Ok(Self { jobs })
    }

    /// Runs `work` in one transaction, which is kept only if it succeeds.
    pub(crate) async fn run<T, W>(&self, work: W) -> Result<T, Error>
    where
        T: Send + 'static,
        W: FnOnce(&Transaction<'_>) -> Result<T, Error> + Send + 'static,
    {
        let (answer, result) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            // The caller may have gone away; the transaction stands all the same.
            answer.send(transact(connection, work)).ok();
        });
        self.jobs.send(job).map_err(|_| Error::Stopped)?;
        result.await.map_err(|_| Error::Stopped)?
    }
}

fn transact<T>(
    connection: &mut Connection,
    work: impl FnOnce(&Transaction<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let value = work(&transaction)?;
    transaction.commit()?;
    Ok(value)
}

/// The next id. All objects draw from one sequence that starts above 2^31, as real ids do.
pub(crate) fn next_id(connection: &Connection) -> Result<u64, rusqlite::Error> {
    let sql = "UPDATE sequence SET value = value + 1 RETURNING value";
    connection.query_row(sql, [], |row| row.get(0))
}
