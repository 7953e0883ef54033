//! DynamoDB: the embedded engine behind a private port, with a meter on the way.

pub(crate) mod actions;
mod capacity;
mod failed;
mod proxy;
mod upkeep;

use std::path::Path;
use std::sync::Arc;

use axum::response::Response;
use dynoxide::Database;
use dynoxide::storage_backend::Clock as EngineClock;
use http::StatusCode;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::answers::json_error;
use crate::clock::Clock;
use crate::config::StartError;
use crate::db::Db;
use crate::exchange::Exchange;
use crate::faults::AwsError;
use crate::meter::Meter;

/// The engine, and word of each write.
pub(crate) struct Engine {
    database: Database,
    proxy: proxy::Proxy,
    changes: watch::Sender<u64>,
}

impl Engine {
    /// Opens the file, or a database in memory, and serves it on a thread of its own.
    pub(crate) fn start(
        path: Option<&Path>,
        clock: &Clock,
        checkpoints: &Db,
        stop: &CancellationToken,
    ) -> Result<Self, StartError> {
        let database = open(path, clock)?;
        if let Some(path) = path {
            upkeep::tend(path, checkpoints, clock)
                .map_err(|error| StartError::Tables(error.to_string()))?;
        }
        let proxy = proxy::Proxy::start(database.clone(), stop.child_token())?;
        Ok(Self {
            database,
            proxy,
            changes: watch::Sender::new(0),
        })
    }

    /// Answers a request, counts what it used, and tells readers of streams when it wrote.
    pub(crate) async fn answer(&self, exchange: &Exchange, meter: &Meter) -> Response {
        let asked = capacity::ask(&exchange.operation, &exchange.body, &exchange.fields);
        let answer = match self.proxy.forward(exchange, asked.body).await {
            Ok(answer) => answer,
            Err(error) => {
                tracing::error!(%error, "the embedded DynamoDB did not answer");
                return json_error(&AwsError::internal(), None);
            }
        };
        let operation = exchange.operation.as_str();
        if answer.status == StatusCode::OK && capacity::writes(operation) {
            self.changes.send_modify(|generation| *generation += 1);
        }
        let answer = if answer.status == StatusCode::OK {
            capacity::account(operation, &exchange.fields, asked.wanted, answer, meter)
        } else {
            let used = failed::units(&self.database, operation, &exchange.fields, &answer.body);
            capacity::account_failure(operation, used, meter);
            answer
        };
        answer.into_response(operation)
    }

    /// What a stream reader needs: the tables, and a number that changes with every write.
    pub(crate) fn source(&self) -> (Database, watch::Receiver<u64>) {
        (self.database.clone(), self.changes.subscribe())
    }

    pub(crate) async fn expire_items(&self) -> usize {
        let database = self.database.clone();
        let swept = tokio::task::spawn_blocking(move || database.sweep_ttl()).await;
        let Ok(Ok(count)) = swept else {
            tracing::error!("the sweep of expired items failed");
            return 0;
        };
        self.changes.send_modify(|generation| *generation += 1);
        count
    }

    pub(crate) async fn stopped(&self) {
        self.proxy.stopped().await;
    }
}

fn open(path: Option<&Path>, clock: &Clock) -> Result<Database, StartError> {
    let failed = |error: dynoxide::DynoxideError| StartError::Tables(error.to_string());
    let Some(path) = path else {
        let clock: Arc<dyn EngineClock> = Arc::new(Borrowed(clock.clone()));
        return Database::memory_with_clock(clock).map_err(failed);
    };
    let Some(path) = path.to_str() else {
        return Err(StartError::Tables("the path is not UTF-8".to_owned()));
    };
    let database = Database::new(path).map_err(failed)?;
    // The engine opens its file with a sync of the disk for each commit, which caps it at some 250
    // writes a second. This call sets `synchronous = NORMAL`: with the write-ahead log that still
    // survives the death of the process, which is what is promised.
    database.disable_bulk_loading().map_err(failed)?;
    Ok(database)
}

/// Our clock as the engine reads it.
struct Borrowed(Clock);

impl EngineClock for Borrowed {
    fn now_unix_secs(&self) -> u64 {
        u64::try_from((self.0)().as_second()).unwrap_or_default()
    }

    fn now_unix_secs_f64(&self) -> f64 {
        (self.0)()
            .duration_since(jiff::Timestamp::UNIX_EPOCH)
            .as_secs_f64()
    }
}
