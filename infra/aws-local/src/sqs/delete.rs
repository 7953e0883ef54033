//! Deleting messages.

use rusqlite::params;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Work;
use super::batch::{self, Results};
use super::error::SqsError;
use super::queue::Queue;
use super::receipt::Receipt;

/// The parameters of `DeleteMessage`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Delete {
    queue_url: Option<String>,
    receipt_handle: Option<String>,
}

/// The parameters of `DeleteMessageBatch`.
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
}

pub(super) fn one(work: &mut Work<'_>, input: &Delete) -> Result<Value, SqsError> {
    let queue = Queue::at(work, input.queue_url.as_deref())?;
    remove(work, &queue, input.receipt_handle.as_deref())
}

pub(super) fn batch(work: &mut Work<'_>, input: Batch) -> Result<Value, SqsError> {
    let queue = Queue::at(work, input.queue_url.as_deref())?;
    batch::check(input.entries.iter().map(|entry| entry.id.as_str()))?;
    let mut results = Results::default();
    for entry in input.entries {
        results.note(
            &entry.id,
            remove(work, &queue, entry.receipt_handle.as_deref()),
        );
    }
    Ok(results.answer())
}

/// Deletes by the latest handle. Any other handle of this queue, of a message received again or
/// already gone, succeeds without effect.
fn remove(work: &Work<'_>, queue: &Queue, handle: Option<&str>) -> Result<Value, SqsError> {
    let receipt = Receipt::read(handle, queue.id)?;
    work.tx
        .prepare_cached("DELETE FROM messages WHERE id = ?1 AND queue_id = ?2 AND receipt = ?3")?
        .execute(params![receipt.row, queue.id, receipt.nonce])?;
    Ok(json!({}))
}
