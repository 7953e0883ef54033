//! A stream event source: gives records to a function in their order, and again until they are done.

use std::{sync::Arc, time::Duration};

use aws_local::{Batch, StreamError, StreamReader};
use aws_sdk_sqs::Client;
use serde_json::{Value, json};
use tokio::{sync::watch, time::sleep};
use tokio_util::sync::CancellationToken;

use crate::{
    functions::{FunctionName, Functions},
    template::Filter,
};

const FIRST_WAIT: Duration = Duration::from_millis(200);
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// A table's stream that triggers one function.
#[derive(Debug)]
pub(crate) struct StreamTrigger {
    pub(crate) reader: StreamReader,
    pub(crate) function: FunctionName,
    pub(crate) functions: Arc<Functions>,
    pub(crate) batch_size: usize,
    pub(crate) filters: Vec<Filter>,
    /// How often a record is tried again before it is set aside.
    pub(crate) max_retries: Option<u32>,
    /// Where it is set aside.
    pub(crate) on_failure: Option<SetAside>,
    /// Tells that the clock was moved: whoever moves it wants to see now what would happen later.
    pub(crate) moves: watch::Receiver<u64>,
}

/// The queue that hears of records that were given up.
#[derive(Clone, Debug)]
pub(crate) struct SetAside {
    pub(crate) client: Client,
    pub(crate) url: String,
}

/// How far a batch got.
enum Progress {
    /// All of it is done.
    Done,
    /// The record with this sequence number failed; everything before it is done.
    Failed(String),
    /// The stream could not be read.
    Unread,
}

impl StreamTrigger {
    /// Works until `stop`.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        let mut failing = (String::new(), 0);
        loop {
            let batch = tokio::select! {
                () = stop.cancelled() => return,
                batch = self.reader.next(self.batch_size) => batch,
            };
            let progress = match batch {
                Ok(batch) => self.process(&batch).await,
                Err(StreamError::Stopped) => return,
                Err(error) => {
                    tracing::warn!(%error, "the stream could not be read");
                    Progress::Unread
                }
            };
            let retries = match progress {
                Progress::Done => continue,
                Progress::Unread => 1,
                Progress::Failed(record) => self.count(&mut failing, record).await,
            };
            let wait = FIRST_WAIT
                .saturating_mul(1 << retries.min(8))
                .min(LONGEST_WAIT);
            tokio::select! {
                () = stop.cancelled() => return,
                Ok(()) = self.moves.changed() => {}
                () = sleep(wait) => {}
            }
        }
    }

    /// Counts how often a record failed, and sets it aside when that is often enough.
    async fn count(&mut self, failing: &mut (String, u32), record: String) -> u32 {
        if failing.0 == record {
            failing.1 += 1;
        } else {
            *failing = (record, 0);
        }
        if self.max_retries.is_some_and(|most| failing.1 >= most) {
            self.set_aside(&failing.0, failing.1).await;
        }
        failing.1
    }

    async fn process(&mut self, batch: &Batch) -> Progress {
        let records: Vec<&Value> = batch
            .records
            .iter()
            .filter(|record| Filter::admit(&self.filters, record))
            .collect();
        let Some(first) = records.first() else {
            return self.commit(batch);
        };
        let first = Batch::sequence_number(first).to_owned();
        let answer = self
            .functions
            .invoke(self.function, json!({ "Records": records }))
            .await;
        let failed = match answer {
            Ok(answer) => match answer["batchItemFailures"][0]["itemIdentifier"].as_str() {
                None => return self.commit(batch),
                Some(failed) => failed.to_owned(),
            },
            Err(error) => {
                let error = format!("{error:#}");
                tracing::error!(function = %self.function, error, "an invocation failed");
                first
            }
        };
        let numbers = batch.records.iter().map(Batch::sequence_number);
        if let Some(done) = numbers.take_while(|number| *number != failed).last() {
            self.remember(done);
        }
        Progress::Failed(failed)
    }

    async fn set_aside(&mut self, record: &str, retries: u32) {
        tracing::error!(function = %self.function, record, retries, "a record is set aside");
        if let Some(SetAside { client, url }) = &self.on_failure {
            let note = json!({
                "requestContext": {
                    "condition": "RetryAttemptsExhausted",
                    "functionArn": self.function.as_str(),
                    "approximateInvokeCount": retries + 1,
                },
                "DDBStreamBatchInfo": { "startSequenceNumber": record, "endSequenceNumber": record },
            });
            let sent = client
                .send_message()
                .queue_url(url)
                .message_body(note.to_string())
                .send();
            if let Err(error) = sent.await {
                // As long as nobody can hear of it, it is not given up.
                tracing::warn!(%error, "the failure queue could not be reached");
                return;
            }
        }
        self.remember(record);
    }

    fn commit(&mut self, batch: &Batch) -> Progress {
        if let Err(error) = self.reader.commit(batch) {
            tracing::warn!(%error, "the stream's checkpoint could not be written");
            return Progress::Unread;
        }
        Progress::Done
    }

    /// Moves the checkpoint behind a record. If that fails, records only come once more.
    fn remember(&mut self, record: &str) {
        if let Err(error) = self.reader.commit_through(record) {
            tracing::warn!(%error, "the stream's checkpoint could not be written");
        }
    }
}
