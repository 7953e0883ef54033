//! A stream event source: gives records to a function in their order, and again until they are done.

use std::{sync::Arc, time::Duration};

use endpoints::{Batch, StreamError, StreamReader};
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
    pub(crate) max_retries: Option<u32>,
    /// Changes when the clock is moved: what could not be done before may be possible then.
    pub(crate) moves: watch::Receiver<u64>,
}

impl StreamTrigger {
    /// Works until `stop`.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        let mut retries = 0;
        loop {
            let batch = tokio::select! {
                () = stop.cancelled() => return,
                batch = self.reader.next(self.batch_size) => batch,
            };
            let done = match batch {
                Ok(batch) => self.process(&batch).await,
                Err(StreamError::Stopped) => return,
                Err(error) => {
                    tracing::warn!(%error, "the stream could not be read");
                    Progress::None
                }
            };
            retries = if let Progress::All = done {
                0
            } else {
                retries + 1
            };
            if retries > 0 {
                self.wait(retries, &stop).await;
            }
        }
    }

    async fn wait(&mut self, retries: u32, stop: &CancellationToken) {
        if self.max_retries.is_some_and(|most| retries > most) {
            tracing::error!(function = %self.function, retries, "records keep failing");
        }
        let wait = FIRST_WAIT
            .saturating_mul(1 << retries.min(8))
            .min(LONGEST_WAIT);
        tokio::select! {
            () = stop.cancelled() => {}
            Ok(()) = self.moves.changed() => {}
            () = sleep(wait) => {}
        }
    }

    async fn process(&mut self, batch: &Batch) -> Progress {
        let records: Vec<&Value> = batch
            .records
            .iter()
            .filter(|record| Filter::admit(&self.filters, record))
            .collect();
        if records.is_empty() {
            return self.commit(batch);
        }
        let answer = self
            .functions
            .invoke(self.function, json!({ "Records": records }))
            .await;
        match answer {
            Ok(answer) => match answer["batchItemFailures"][0]["itemIdentifier"].as_str() {
                None => self.commit(batch),
                Some(failed) => self.commit_before(batch, failed),
            },
            Err(error) => {
                let error = format!("{error:#}");
                tracing::error!(function = %self.function, error, "an invocation failed");
                Progress::None
            }
        }
    }

    fn commit(&mut self, batch: &Batch) -> Progress {
        match self.reader.commit(batch) {
            Ok(()) => Progress::All,
            Err(error) => {
                tracing::warn!(%error, "the stream's checkpoint could not be written");
                Progress::None
            }
        }
    }

    /// Everything before the record that failed is done.
    fn commit_before(&mut self, batch: &Batch, failed: &str) -> Progress {
        let numbers = batch.records.iter().map(Batch::sequence_number);
        let last_done = numbers.take_while(|number| *number != failed).last();
        if let Some(number) = last_done
            && let Err(error) = self.reader.commit_through(number)
        {
            tracing::warn!(%error, "the stream's checkpoint could not be written");
        }
        Progress::None
    }
}

/// How far a batch got.
enum Progress {
    All,
    None,
}
