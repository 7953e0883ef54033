//! Receiving, with long polling.

use std::pin::pin;
use std::time::Duration;

use rusqlite::{OptionalExtension as _, Row, params};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::error::SqsError;
use super::message::{MessageAttributes, md5_of_attributes, md5_of_body};
use super::queue::Queue;
use super::receipt::{Receipt, nonce};
use super::{Engine, Work};

/// The parameters of `ReceiveMessage`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Receive {
    queue_url: Option<String>,
    max_number_of_messages: Option<i64>,
    visibility_timeout: Option<i64>,
    wait_time_seconds: Option<i64>,
    /// The older name of the list below.
    #[serde(default)]
    attribute_names: Vec<String>,
    #[serde(default)]
    message_system_attribute_names: Vec<String>,
    #[serde(default)]
    message_attribute_names: Vec<String>,
}

/// What one look at a queue found.
struct Look {
    queue: i64,
    messages: Vec<Value>,
    /// How long the caller may wait for a first message.
    wait: Duration,
    /// How long until something becomes visible by itself.
    due: Option<Duration>,
}

impl Engine {
    /// Looks for messages until there are some or the time to wait is over. Time to wait is real
    /// time; visibility and delay follow the endpoints' clock.
    ///
    /// Nothing is awaited between taking messages and returning them, so a caller who goes away
    /// while waiting takes nothing along.
    pub(super) async fn receive(&self, input: Receive) -> Result<Value, SqsError> {
        let started = Instant::now();
        input.check()?;
        loop {
            let queue = self.work(|work| Queue::at(work, input.queue_url.as_deref()))?;
            let bell = self.wakers.of(queue.id);
            let mut rung = pin!(bell.notified());
            // Listening starts before looking, so that what comes in between is heard.
            let _ = rung.as_mut().enable();
            let look = self.work(|work| input.look(work))?;
            let left = look.wait.saturating_sub(started.elapsed());
            if !look.messages.is_empty() || left.is_zero() || self.stop.is_cancelled() {
                return Ok(answer(&look.messages));
            }
            if look.queue != queue.id {
                // The name belongs to another queue since the bell was chosen.
                continue;
            }
            let next = look.due.map_or(left, |due| due.min(left));
            tokio::select! {
                () = rung => {}
                () = tokio::time::sleep(next) => {}
                () = self.stop.cancelled() => {}
            }
        }
    }
}

fn answer(messages: &[Value]) -> Value {
    if messages.is_empty() {
        json!({})
    } else {
        json!({ "Messages": messages })
    }
}

impl Receive {
    fn check(&self) -> Result<(), SqsError> {
        let ranges = [
            (self.max_number_of_messages, "MaxNumberOfMessages", 1, 10),
            (self.wait_time_seconds, "WaitTimeSeconds", 0, 20),
            (self.visibility_timeout, "VisibilityTimeout", 0, 43_200),
        ];
        for (value, name, least, most) in ranges {
            if let Some(value) = value.filter(|value| !(least..=most).contains(value)) {
                let reason = format!("Must be between {least} and {most}, if provided.");
                return Err(SqsError::value(value, name, &reason));
            }
        }
        Ok(())
    }

    /// Takes what is visible now.
    fn look(&self, work: &mut Work<'_>) -> Result<Look, SqsError> {
        let queue = Queue::at(work, self.queue_url.as_deref())?;
        queue.forget_old(work)?;
        move_exhausted(work, &queue)?;
        let timeout = match self.visibility_timeout {
            Some(seconds) => seconds * 1000,
            None => queue.settings.millis("VisibilityTimeout"),
        };
        let mut messages = Vec::new();
        for row in visible(work, &queue, self.max_number_of_messages.unwrap_or(1))? {
            messages.push(self.take(work, &queue, row, timeout)?);
        }
        let wait = self
            .wait_time_seconds
            .unwrap_or_else(|| queue.settings.number("ReceiveMessageWaitTimeSeconds"));
        let wait = Duration::from_secs(u64::try_from(wait).unwrap_or_default());
        Ok(Look {
            queue: queue.id,
            messages,
            wait,
            due: next_visible(work, &queue)?,
        })
    }

    fn take(
        &self,
        work: &Work<'_>,
        queue: &Queue,
        mut stored: Stored,
        timeout: i64,
    ) -> Result<Value, SqsError> {
        let nonce = nonce()?;
        stored.receives += 1;
        stored.first_received.get_or_insert(work.now);
        work.tx
            .prepare_cached(
                "UPDATE messages SET receipt = ?2, receives = ?3, first_received_ms = ?4,
                    visible_ms = ?5 WHERE id = ?1",
            )?
            .execute(params![
                stored.row,
                nonce,
                stored.receives,
                stored.first_received,
                work.now + timeout,
            ])?;
        let receipt = Receipt {
            queue: queue.id,
            row: stored.row,
            nonce,
        };
        let mut message = json!({
            "MessageId": stored.message_id,
            "ReceiptHandle": receipt.handle(),
            "MD5OfBody": md5_of_body(&stored.body),
            "Body": stored.body,
        });
        let system = self.system_attributes(&stored);
        if !system.is_empty() {
            message["Attributes"] = Value::Object(system);
        }
        let mut attributes = stored.attributes;
        attributes.retain(|name, _| self.wants_attribute(name));
        if let Some(md5) = md5_of_attributes(&attributes) {
            message["MD5OfMessageAttributes"] = md5.into();
            message["MessageAttributes"] = json!(attributes);
        }
        Ok(message)
    }

    fn system_attributes(&self, stored: &Stored) -> Map<String, Value> {
        let first = stored.first_received.unwrap_or_default();
        let all = [
            ("SenderId", Some(crate::ACCOUNT.to_owned())),
            ("SentTimestamp", Some(stored.sent.to_string())),
            ("ApproximateReceiveCount", Some(stored.receives.to_string())),
            ("ApproximateFirstReceiveTimestamp", Some(first.to_string())),
            ("MessageGroupId", stored.group.clone()),
            ("DeadLetterQueueSourceArn", stored.source_arn.clone()),
            ("AWSTraceHeader", stored.trace.clone()),
        ];
        let names = || {
            self.attribute_names
                .iter()
                .chain(&self.message_system_attribute_names)
        };
        let wanted = |name: &str| names().any(|asked| asked == "All" || asked == name);
        let present = all
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)));
        present
            .filter(|(name, _)| wanted(name))
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect()
    }

    /// Whether the caller asked for a message attribute: by `All`, `.*`, its name, or `PREFIX.*`.
    fn wants_attribute(&self, name: &str) -> bool {
        self.message_attribute_names.iter().any(|asked| {
            asked == "All"
                || asked == name
                || asked
                    .strip_suffix(".*")
                    .is_some_and(|prefix| name.starts_with(prefix))
        })
    }
}

/// A message as it is stored.
struct Stored {
    row: i64,
    message_id: String,
    body: String,
    attributes: MessageAttributes,
    group: Option<String>,
    trace: Option<String>,
    sent: i64,
    first_received: Option<i64>,
    receives: i64,
    source_arn: Option<String>,
}

impl Stored {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            row: row.get("id")?,
            message_id: row.get("message_id")?,
            body: row.get("body")?,
            attributes: serde_json::from_str(&row.get::<_, String>("attributes")?)
                .unwrap_or_default(),
            group: row.get("group_id")?,
            trace: row.get("trace")?,
            sent: row.get("sent_ms")?,
            first_received: row.get("first_received_ms")?,
            receives: row.get("receives")?,
            source_arn: row.get("source_arn")?,
        })
    }
}

fn visible(work: &Work<'_>, queue: &Queue, most: i64) -> Result<Vec<Stored>, SqsError> {
    let mut statement = work.tx.prepare_cached(
        "SELECT id, message_id, body, attributes, group_id, trace, sent_ms, first_received_ms,
                receives, source_arn
            FROM messages WHERE queue_id = ?1 AND visible_ms <= ?2
            ORDER BY visible_ms, id LIMIT ?3",
    )?;
    let rows = statement.query_map(params![queue.id, work.now, most], Stored::read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn next_visible(work: &Work<'_>, queue: &Queue) -> Result<Option<Duration>, SqsError> {
    let next: Option<i64> = work
        .tx
        .prepare_cached(
            "SELECT visible_ms FROM messages WHERE queue_id = ?1 AND visible_ms > ?2
                ORDER BY visible_ms LIMIT 1",
        )?
        .query_row(params![queue.id, work.now], |row| row.get(0))
        .optional()?;
    let until = |at: i64| Duration::from_millis(u64::try_from(at - work.now).unwrap_or_default());
    Ok(next.map(until))
}

/// Moves visible messages that were received as often as allowed to the dead-letter queue. They keep
/// their id, the time they were sent and the count of receives.
fn move_exhausted(work: &mut Work<'_>, queue: &Queue) -> Result<(), SqsError> {
    let Some(redrive) = queue.settings.redrive() else {
        return Ok(());
    };
    let Some(target) = Queue::with_arn(work, &redrive.target_arn)? else {
        return Ok(());
    };
    let moved = work
        .tx
        .prepare_cached(
            "UPDATE messages INDEXED BY messages_by_receives
                SET queue_id = ?4, source_arn = ?5, receipt = NULL, visible_ms = ?2
                WHERE queue_id = ?1 AND receives >= ?3 AND visible_ms <= ?2",
        )?
        .execute(params![
            queue.id,
            work.now,
            redrive.max_receives,
            target.id,
            queue.arn(),
        ])?;
    if moved > 0 {
        work.touched.push(target.id);
    }
    Ok(())
}
