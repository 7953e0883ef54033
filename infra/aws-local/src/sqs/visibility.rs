//! Changing how long a received message stays hidden.

use rusqlite::{OptionalExtension as _, params};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Work;
use super::batch::{self, Results};
use super::error::SqsError;
use super::queue::Queue;
use super::receipt::Receipt;

/// The longest time a message can be hidden, in seconds.
const MAX_TIMEOUT: i64 = 43_200;

/// The parameters of `ChangeMessageVisibility`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Change {
    queue_url: Option<String>,
    receipt_handle: Option<String>,
    visibility_timeout: Option<i64>,
}

/// The parameters of `ChangeMessageVisibilityBatch`.
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
    receipt_handle: Option<String>,
    visibility_timeout: Option<i64>,
}

pub(super) fn one(work: &mut Work<'_>, input: &Change) -> Result<Value, SqsError> {
    let queue = Queue::at(work, input.queue_url.as_deref())?;
    hide(
        work,
        &queue,
        input.receipt_handle.as_deref(),
        input.visibility_timeout,
    )
}

pub(super) fn batch(work: &mut Work<'_>, input: Batch) -> Result<Value, SqsError> {
    let queue = Queue::at(work, input.queue_url.as_deref())?;
    batch::check(input.entries.iter().map(|entry| entry.id.as_str()))?;
    let mut results = Results::default();
    for entry in input.entries {
        let handle = entry.receipt_handle.as_deref();
        results.note(
            &entry.id,
            hide(work, &queue, handle, entry.visibility_timeout),
        );
    }
    Ok(results.answer())
}

/// Hides the message for `seconds` from now. Only the handle of the receive that hides it can do this.
fn hide(
    work: &mut Work<'_>,
    queue: &Queue,
    handle: Option<&str>,
    seconds: Option<i64>,
) -> Result<Value, SqsError> {
    let receipt = Receipt::read(handle, queue.id)?;
    let seconds = seconds.ok_or_else(|| SqsError::missing("VisibilityTimeout"))?;
    if !(0..=MAX_TIMEOUT).contains(&seconds) {
        let reason = "VisibilityTimeout must be an integer between 0 and 43200.";
        return Err(SqsError::value(seconds, "VisibilityTimeout", reason));
    }
    let hidden_until: Option<i64> = work
        .tx
        .prepare_cached(
            "SELECT visible_ms FROM messages WHERE id = ?1 AND queue_id = ?2 AND receipt = ?3",
        )?
        .query_row(params![receipt.row, queue.id, receipt.nonce], |row| {
            row.get(0)
        })
        .optional()?;
    match hidden_until {
        None => {
            let reason =
                "Message does not exist or is not available for visibility timeout change.";
            return Err(SqsError::value(
                handle.unwrap_or_default(),
                "ReceiptHandle",
                reason,
            ));
        }
        Some(until) if until <= work.now => {
            return Err(SqsError::new(
                "MessageNotInflight",
                "The specified message isn't in flight.",
            ));
        }
        Some(_) => {}
    }
    work.tx
        .prepare_cached("UPDATE messages SET visible_ms = ?2 WHERE id = ?1")?
        .execute(params![receipt.row, work.now + seconds * 1000])?;
    work.touched.push(queue.id);
    Ok(json!({}))
}
