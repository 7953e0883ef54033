//! SQS: standard queues on SQLite, in the JSON protocol the SDK speaks.
//!
//! What differs from AWS: FIFO queues, permissions and encryption keys are refused or have no effect;
//! a deleted queue's name can be used again at once; messages come in the order of their visibility;
//! there is no limit to messages in flight; a message goes to its dead-letter queue when its source
//! queue is next received from. Receipt handles work as on AWS's standard queues: deleting with a
//! handle that is not the message's latest succeeds and deletes nothing, while the latest handle still
//! deletes after its visibility timeout has passed.

pub(crate) mod action;
mod attributes;
mod batch;
mod delete;
pub(crate) mod error;
mod message;
mod moves;
mod queue;
mod queues;
mod receipt;
mod receive;
mod send;
mod visibility;
mod wakers;

use axum::response::Response;
use http::StatusCode;
use rusqlite::Transaction;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::answers::{json_answer, json_error};
use crate::clock::{Clock, now_ms};
use crate::db::Db;
use crate::exchange::Exchange;
use crate::meter::Meter;
use action::action;
use error::SqsError;
use wakers::Wakers;

/// What one 64 KB of payload is, in bytes: the piece a request is billed by.
const BILLED_PIECE: usize = 64 * 1024;

/// The queues.
pub(crate) struct Engine {
    db: Db,
    clock: Clock,
    url: String,
    wakers: Wakers,
    stop: CancellationToken,
}

/// One transaction at one moment.
struct Work<'a> {
    tx: &'a Transaction<'a>,
    now: i64,
    /// The queues whose waiters have something to see once the transaction is committed.
    touched: &'a mut Vec<i64>,
}

impl Engine {
    pub(crate) fn new(db: Db, clock: Clock, url: String, stop: CancellationToken) -> Self {
        Self {
            db,
            clock,
            url,
            wakers: Wakers::default(),
            stop,
        }
    }

    /// Tells all who wait for visibility or delay to look at the clock again.
    pub(crate) fn clock_moved(&self) {
        self.wakers.wake_all();
    }

    /// Answers a request and counts it.
    pub(crate) async fn answer(&self, exchange: &Exchange, meter: &Meter) -> Response {
        let result = self.perform(&exchange.operation, &exchange.fields).await;
        let (answered, response) = match result {
            Ok(body) => (body.to_string().len(), json_answer(StatusCode::OK, &body)),
            Err(error) => (0, json_error(&error.aws(), Some(error.query_code()))),
        };
        let payload = exchange.body.len().max(answered);
        let (_, queue) = action(&exchange.operation, &exchange.fields);
        let queue = if queue == "*" { String::new() } else { queue };
        meter.update(|counts| {
            let count = counts
                .sqs
                .entry((exchange.operation.clone(), queue))
                .or_default();
            count.requests += 1;
            count.billed += payload.div_ceil(BILLED_PIECE).max(1) as u64;
        });
        response
    }

    async fn perform(&self, operation: &str, fields: &Value) -> Result<Value, SqsError> {
        match operation {
            "ReceiveMessage" => self.receive(read(fields)?).await,
            "SendMessage" => self.work(|work| send::one(work, &read(fields)?)),
            "SendMessageBatch" => self.work(|work| send::batch(work, read(fields)?)),
            "DeleteMessage" => self.work(|work| delete::one(work, &read(fields)?)),
            "DeleteMessageBatch" => self.work(|work| delete::batch(work, read(fields)?)),
            "ChangeMessageVisibility" => self.work(|work| visibility::one(work, &read(fields)?)),
            "ChangeMessageVisibilityBatch" => {
                self.work(|work| visibility::batch(work, read(fields)?))
            }
            "CreateQueue" => self.work(|work| queues::create(work, read(fields)?, &self.url)),
            "GetQueueUrl" => self.work(|work| queues::url(work, &read(fields)?, &self.url)),
            "ListQueues" => self.work(|work| queues::list(work, &read(fields)?, &self.url)),
            "DeleteQueue" => self.work(|work| queues::delete(work, &read(fields)?)),
            "PurgeQueue" => self.work(|work| queues::purge(work, &read(fields)?)),
            "GetQueueAttributes" => self.work(|work| queues::attributes(work, &read(fields)?)),
            "SetQueueAttributes" => self.work(|work| queues::set_attributes(work, read(fields)?)),
            "TagQueue" => self.work(|work| queues::tag(work, read(fields)?)),
            "UntagQueue" => self.work(|work| queues::untag(work, &read(fields)?)),
            "ListQueueTags" => self.work(|work| queues::tags(work, &read(fields)?)),
            "ListDeadLetterSourceQueues" => {
                self.work(|work| queues::sources(work, &read(fields)?, &self.url))
            }
            "StartMessageMoveTask" => self.work(|work| moves::start(work, &read(fields)?)),
            "ListMessageMoveTasks" => self.work(|work| moves::list(work, &read(fields)?)),
            "CancelMessageMoveTask" => Err(moves::cancel()),
            "AddPermission" | "RemovePermission" => Err(SqsError::unsupported(
                "Permissions are not kept by this endpoint.",
            )),
            _ => Err(SqsError::unknown_operation(operation)),
        }
    }

    /// Runs `work` in one transaction and then wakes whom it concerns.
    ///
    /// Statements take some tens of microseconds, so they run where they are called. That also makes
    /// taking a message and answering with it one step, which a client that goes away cannot part.
    fn work<T>(
        &self,
        work: impl FnOnce(&mut Work<'_>) -> Result<T, SqsError>,
    ) -> Result<T, SqsError> {
        let now = now_ms(&self.clock);
        let mut touched = Vec::new();
        let value = self.db.transaction(|tx| {
            work(&mut Work {
                tx,
                now,
                touched: &mut touched,
            })
        })?;
        for queue in touched {
            self.wakers.wake(queue);
        }
        Ok(value)
    }
}

fn read<T: DeserializeOwned>(fields: &Value) -> Result<T, SqsError> {
    T::deserialize(fields).map_err(|error| SqsError::unreadable(&error))
}
