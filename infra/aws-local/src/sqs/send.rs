//! Sending.

use rusqlite::params;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Work;
use super::batch::{self, Results};
use super::error::SqsError;
use super::message::{
    MessageAttributes, check_attributes, check_body, md5_of_attributes, md5_of_body, size,
};
use super::queue::Queue;
use super::receipt::message_id;

/// The most bytes in one batch.
const MAX_BATCH: usize = 1_048_576;

/// The longest delay, in seconds.
const MAX_DELAY: i64 = 900;

/// The parameters of `SendMessage`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct One {
    queue_url: Option<String>,
    #[serde(flatten)]
    message: Payload,
}

/// The parameters of `SendMessageBatch`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Batch {
    queue_url: Option<String>,
    #[serde(default)]
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    id: String,
    #[serde(flatten)]
    message: Payload,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Payload {
    #[serde(default)]
    message_body: String,
    delay_seconds: Option<i64>,
    #[serde(default)]
    message_attributes: MessageAttributes,
    #[serde(default)]
    message_system_attributes: MessageAttributes,
    message_group_id: Option<String>,
    message_deduplication_id: Option<String>,
}

pub(super) fn one(work: &mut Work<'_>, input: &One) -> Result<Value, SqsError> {
    let queue = Queue::at(work, input.queue_url.as_deref())?;
    input.message.store(work, &queue)
}

pub(super) fn batch(work: &mut Work<'_>, input: Batch) -> Result<Value, SqsError> {
    let queue = Queue::at(work, input.queue_url.as_deref())?;
    batch::check(input.entries.iter().map(|entry| entry.id.as_str()))?;
    let total: usize = input.entries.iter().map(|entry| entry.message.size()).sum();
    if total > MAX_BATCH {
        return Err(SqsError::new(
            "BatchRequestTooLong",
            format!(
                "Batch requests cannot be longer than {MAX_BATCH} bytes. You have sent {total} bytes."
            ),
        ));
    }
    let mut results = Results::default();
    for entry in input.entries {
        results.note(&entry.id, entry.message.store(work, &queue));
    }
    Ok(results.answer())
}

impl Payload {
    fn size(&self) -> usize {
        size(&self.message_body, &self.message_attributes)
    }

    /// Checks the message and puts it into the queue.
    fn store(&self, work: &mut Work<'_>, queue: &Queue) -> Result<Value, SqsError> {
        self.check(queue)?;
        let delay = match self.delay_seconds {
            Some(seconds) => seconds * 1000,
            None => queue.settings.millis("DelaySeconds"),
        };
        let id = message_id()?;
        let trace = self.message_system_attributes.get("AWSTraceHeader");
        let trace = trace.map(|trace| json!(trace)["StringValue"].clone());
        work.tx
            .prepare_cached(
                "INSERT INTO messages (queue_id, message_id, body, attributes, group_id, trace,
                        sent_ms, visible_ms)
                    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                queue.id,
                id,
                self.message_body,
                json!(self.message_attributes).to_string(),
                self.message_group_id,
                trace.as_ref().and_then(Value::as_str),
                work.now,
                work.now + delay,
            ])?;
        work.touched.push(queue.id);
        let mut answer = json!({
            "MessageId": id,
            "MD5OfMessageBody": md5_of_body(&self.message_body),
        });
        if let Some(md5) = md5_of_attributes(&self.message_attributes) {
            answer["MD5OfMessageAttributes"] = md5.into();
        }
        if let Some(md5) = md5_of_attributes(&self.message_system_attributes) {
            answer["MD5OfMessageSystemAttributes"] = md5.into();
        }
        Ok(answer)
    }

    fn check(&self, queue: &Queue) -> Result<(), SqsError> {
        check_body(&self.message_body)?;
        check_attributes(&self.message_attributes)?;
        if let Some(delay) = self
            .delay_seconds
            .filter(|delay| !(0..=MAX_DELAY).contains(delay))
        {
            let reason = "DelaySeconds must be >= 0 and <= 900.";
            return Err(SqsError::value(delay, "DelaySeconds", reason));
        }
        if let Some(name) = self
            .message_system_attributes
            .keys()
            .find(|n| *n != "AWSTraceHeader")
        {
            return Err(SqsError::new(
                "InvalidParameterValue",
                format!("Message system attribute name '{name}' is invalid."),
            ));
        }
        if let Some(group) = self
            .message_group_id
            .as_deref()
            .filter(|group| !good_group(group))
        {
            let reason = "MessageGroupId can only include alphanumeric and punctuation characters. \
                          1 to 128 in length.";
            return Err(SqsError::value(group, "MessageGroupId", reason));
        }
        if let Some(id) = &self.message_deduplication_id {
            let reason = "The request includes a parameter that is not valid for this queue type.";
            return Err(SqsError::value(id, "MessageDeduplicationId", reason));
        }
        let limit = queue.settings.number("MaximumMessageSize");
        if i64::try_from(self.size()).is_ok_and(|size| size <= limit) {
            return Ok(());
        }
        Err(SqsError::new(
            "InvalidParameterValue",
            format!(
                "One or more parameters are invalid. Reason: Message must be shorter than {limit} bytes."
            ),
        ))
    }
}

fn good_group(group: &str) -> bool {
    (1..=128).contains(&group.len()) && group.chars().all(|c| c.is_ascii_graphic())
}
