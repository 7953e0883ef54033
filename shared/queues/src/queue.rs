//! A queue of one type of message.

use std::{fmt, marker::PhantomData, time::Duration};

use aws_sdk_sqs::{Client, config::Config, types::MessageSystemAttributeName};
use aws_smithy_types::timeout::TimeoutConfig;
use contract::DeliveryMessage;
use serde::{Serialize, de::DeserializeOwned};
use tracing::{Instrument as _, Span, field::Empty, info_span};

use crate::{QueueError, ReceiptHandle, Received, body};

/// The most bytes a message may have.
pub const SIZE_LIMIT: usize = DeliveryMessage::SIZE_LIMIT;
/// The longest SQS waits for a message to arrive.
const LONGEST_WAIT: Duration = Duration::from_secs(20);
/// The most messages SQS hands out at once.
const LARGEST_BATCH: u32 = 10;
/// The longest time a message can be out of sight.
const LONGEST_VISIBILITY: Duration = Duration::from_hours(12);
/// The longest time a new message can be held back.
const LONGEST_DELAY: Duration = Duration::from_mins(15);
/// How much longer than the wait an answer may take before the connection counts as dead.
const ANSWER: Duration = Duration::from_secs(10);

/// A queue that carries messages of type `M`.
pub struct Queue<M> {
    client: Client,
    url: String,
    carries: PhantomData<fn(M) -> M>,
}

impl<M> Clone for Queue<M> {
    fn clone(&self) -> Self {
        Self {
            client: self.client.clone(),
            url: self.url.clone(),
            carries: PhantomData,
        }
    }
}

impl<M> fmt::Debug for Queue<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl<M: Serialize + DeserializeOwned> Queue<M> {
    /// The queue at `url`.
    pub fn new(client: Client, url: impl Into<String>) -> Self {
        Self {
            client,
            url: url.into(),
            carries: PhantomData,
        }
    }

    /// The queue's name.
    pub fn name(&self) -> &str {
        self.url.rsplit('/').next().unwrap_or_default()
    }

    /// Opens the connection before the first message needs it, with a batch of nothing, which the queue refuses.
    /// The answer does not matter.
    pub async fn warm_up(&self) {
        let nothing = self.client.send_message_batch().queue_url(&self.url);
        let answer = nothing.set_entries(Some(Vec::new())).send().await;
        if let Err(error) = answer
            && error.as_service_error().is_none()
        {
            let error = QueueError::from_sdk(&error);
            tracing::warn!(%error, "the queue could not be reached while warming up");
        }
    }

    /// Sends `message` and returns the queue's id for it. `group` names whose message it is: a group
    /// with many messages does not hold up the others. [`QueueError::TooLarge`] without a call if the
    /// message has more than [`SIZE_LIMIT`] bytes.
    pub async fn send(&self, message: &M, group: Option<&str>) -> Result<String, QueueError> {
        self.send_later(message, group, Duration::ZERO).await
    }

    /// The same, out of sight for `delay` (15 minutes at most).
    pub async fn send_later(
        &self,
        message: &M,
        group: Option<&str>,
        delay: Duration,
    ) -> Result<String, QueueError> {
        let body = body::write(message)
            .map_err(|_| QueueError::rejected("the message has no JSON form"))?;
        if body.len() > SIZE_LIMIT {
            return Err(QueueError::TooLarge);
        }
        self.send_body(body, group, delay)
            .instrument(self.sending())
            .await
    }

    async fn send_body(
        &self,
        body: String,
        group: Option<&str>,
        delay: Duration,
    ) -> Result<String, QueueError> {
        let delay = (!delay.is_zero()).then(|| seconds(delay.min(LONGEST_DELAY)));
        let sent = self
            .client
            .send_message()
            .queue_url(&self.url)
            .message_body(body)
            .set_message_group_id(group.map(str::to_owned))
            .set_delay_seconds(delay)
            .send()
            .await
            .map_err(|error| QueueError::from_sdk(&error));
        let (span, id) = (Span::current(), sent?.message_id.unwrap_or_default());
        span.record("messaging.message.id", &id);
        Ok(id)
    }

    /// The span of a sending, which is made for export only.
    fn sending(&self) -> Span {
        let queue = self.name();
        info_span!(
            target: "otel",
            "send",
            otel.kind = "producer",
            otel.name = format!("send {queue}"),
            messaging.system = "aws_sqs",
            "messaging.operation.type" = "send",
            messaging.operation.name = "send",
            messaging.destination.name = queue,
            messaging.message.id = Empty,
        )
    }

    /// Waits up to `wait` (20 seconds at most) for messages and takes up to `max` (1 to 10) of them. An
    /// empty answer means that none came.
    pub async fn receive(&self, wait: Duration, max: u32) -> Result<Vec<Received<M>>, QueueError> {
        let wait = wait.min(LONGEST_WAIT);
        let received = self
            .client
            .receive_message()
            .queue_url(&self.url)
            .wait_time_seconds(seconds(wait))
            .max_number_of_messages(max.clamp(1, LARGEST_BATCH).cast_signed())
            .message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount)
            .customize()
            .config_override(answering_within(wait + ANSWER))
            .send()
            .await
            .map_err(|error| QueueError::from_sdk(&error))?;
        Ok(received
            .messages
            .unwrap_or_default()
            .into_iter()
            .map(Received::from_sdk)
            .collect())
    }

    /// Deletes a message for good. Deleting it again changes nothing.
    pub async fn delete(&self, handle: &ReceiptHandle) -> Result<(), QueueError> {
        self.client
            .delete_message()
            .queue_url(&self.url)
            .receipt_handle(&handle.0)
            .send()
            .await
            .map(drop)
            .map_err(|error| QueueError::from_sdk(&error))
    }

    /// Keeps a message out of sight for `time` (12 hours at most) from now; zero shows it again at once.
    /// [`QueueError::Gone`] if it is in sight already or deleted.
    pub async fn set_visibility(
        &self,
        handle: &ReceiptHandle,
        time: Duration,
    ) -> Result<(), QueueError> {
        self.client
            .change_message_visibility()
            .queue_url(&self.url)
            .receipt_handle(&handle.0)
            .visibility_timeout(seconds(time.min(LONGEST_VISIBILITY)))
            .send()
            .await
            .map(drop)
            .map_err(|error| QueueError::from_sdk(&error))
    }
}

/// Whole seconds, rounded up.
fn seconds(time: Duration) -> i32 {
    i32::try_from(time.as_millis().div_ceil(1_000)).unwrap_or(i32::MAX)
}

/// A receiving that waits for messages takes longer than any other call may.
fn answering_within(limit: Duration) -> aws_sdk_sqs::config::Builder {
    let timeouts = TimeoutConfig::builder()
        .read_timeout(limit)
        .operation_attempt_timeout(limit)
        .operation_timeout(limit * 2)
        .build();
    Config::builder().timeout_config(timeouts)
}
