//! An SQS event source: receives batches, invokes, and deletes what was done.

use std::{sync::Arc, time::Duration};

use anyhow::{Result, bail};
use aws_sdk_sqs::{
    Client,
    types::{DeleteMessageBatchRequestEntry, Message, MessageSystemAttributeName},
};
use serde_json::{Value, json};
use tokio::{sync::Semaphore, time::sleep};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::functions::{FunctionName, Functions};

/// How long a receive waits for messages; the most that SQS knows.
const WAIT_SECONDS: i32 = 20;
/// How long to wait after a receive that failed.
const AFTER_ERROR: Duration = Duration::from_millis(500);
/// As many batches as AWS works on at first.
const AT_ONCE: usize = 5;

/// One queue that triggers one function.
#[derive(Clone, Debug)]
pub(crate) struct QueueTrigger {
    pub(crate) client: Client,
    pub(crate) url: String,
    pub(crate) arn: String,
    pub(crate) function: FunctionName,
    pub(crate) functions: Arc<Functions>,
    pub(crate) batch_size: i32,
    pub(crate) at_once: Option<u32>,
}

impl QueueTrigger {
    /// Works until `stop`. What is under way then is finished by `tracker`'s owner waiting for it.
    pub(crate) async fn run(self, stop: CancellationToken, tracker: TaskTracker) {
        let at_once = self
            .at_once
            .and_then(|n| usize::try_from(n).ok())
            .unwrap_or(AT_ONCE);
        let places = Arc::new(Semaphore::new(at_once.min(AT_ONCE)));
        loop {
            let place = tokio::select! {
                () = stop.cancelled() => return,
                place = places.clone().acquire_owned() => place,
            };
            let received = tokio::select! {
                () = stop.cancelled() => return,
                received = self.receive() => received,
            };
            match received {
                Ok(messages) if messages.is_empty() => {}
                Ok(messages) => {
                    let trigger = self.clone();
                    tracker.spawn(async move {
                        trigger.process(messages).await;
                        drop(place);
                    });
                }
                Err(error) => {
                    tracing::warn!(error = format!("{error:#}"), "a queue could not be read");
                    sleep(AFTER_ERROR).await;
                }
            }
        }
    }

    async fn receive(&self) -> Result<Vec<Message>> {
        let answer = self
            .client
            .receive_message()
            .queue_url(&self.url)
            .max_number_of_messages(self.batch_size.min(10))
            .wait_time_seconds(WAIT_SECONDS)
            .message_system_attribute_names(MessageSystemAttributeName::All)
            .send()
            .await?;
        Ok(answer.messages.unwrap_or_default())
    }

    async fn process(&self, messages: Vec<Message>) {
        let records: Vec<Value> = messages
            .iter()
            .map(|message| self.record(message))
            .collect();
        let answer = self
            .functions
            .invoke(self.function, json!({ "Records": records }))
            .await;
        let failed = match &answer {
            Ok(answer) => failures(answer),
            Err(error) => {
                // As on AWS, the whole batch comes again when its visibility ends.
                let error = format!("{error:#}");
                tracing::error!(function = %self.function, error, "an invocation failed");
                return;
            }
        };
        let done = messages
            .into_iter()
            .filter(|message| !failed.contains(&message.message_id.as_deref().unwrap_or_default()));
        if let Err(error) = self.delete(done.collect()).await {
            tracing::warn!(error = format!("{error:#}"), "messages were not deleted");
        }
    }

    /// Deletes a batch with one request, as AWS does.
    async fn delete(&self, messages: Vec<Message>) -> Result<()> {
        let entries = messages.into_iter().enumerate().map(|(place, message)| {
            DeleteMessageBatchRequestEntry::builder()
                .id(place.to_string())
                .set_receipt_handle(message.receipt_handle)
                .build()
        });
        let entries = entries.collect::<Result<Vec<_>, _>>()?;
        if entries.is_empty() {
            return Ok(());
        }
        let request = self.client.delete_message_batch().queue_url(&self.url);
        let answer = request.set_entries(Some(entries)).send().await?;
        if let Some(kept) = answer.failed.first() {
            bail!(
                "{} of them, for one thing {}",
                answer.failed.len(),
                kept.code
            );
        }
        Ok(())
    }

    fn record(&self, message: &Message) -> Value {
        let attributes: serde_json::Map<String, Value> = message
            .attributes
            .iter()
            .flatten()
            .map(|(name, value)| (name.as_str().to_owned(), json!(value)))
            .collect();
        json!({
            "messageId": message.message_id,
            "receiptHandle": message.receipt_handle,
            "body": message.body,
            "md5OfBody": message.md5_of_body,
            "attributes": attributes,
            "messageAttributes": {},
            "eventSource": "aws:sqs",
            "eventSourceARN": self.arn,
            "awsRegion": aws_local::REGION,
        })
    }
}

fn failures(answer: &Value) -> Vec<&str> {
    let failures = answer["batchItemFailures"].as_array();
    failures
        .into_iter()
        .flatten()
        .filter_map(|item| item["itemIdentifier"].as_str())
        .collect()
}
