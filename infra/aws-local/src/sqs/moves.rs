//! Moving messages out of dead-letter queues.

use rusqlite::{Row, params};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Work;
use super::error::SqsError;
use super::queue::Queue;
use super::receipt::message_id;

/// The parameters of `StartMessageMoveTask`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Start {
    #[serde(default)]
    source_arn: String,
    destination_arn: Option<String>,
    max_number_of_messages_per_second: Option<i64>,
}

/// The parameters of `ListMessageMoveTasks`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct List {
    #[serde(default)]
    source_arn: String,
    max_results: Option<i64>,
}

/// Moves all visible messages at once, whatever rate is asked for. Each becomes a new message, with a
/// new id and a new time, as on AWS. Without a destination a message goes where it came from; one that
/// was sent to the dead-letter queue directly stays, and the task has failed.
pub(super) fn start(work: &mut Work<'_>, input: &Start) -> Result<Value, SqsError> {
    let source = source(work, &input.source_arn)?;
    let destination = match &input.destination_arn {
        None => None,
        Some(arn) => Some(Queue::with_arn(work, arn)?.ok_or_else(missing)?),
    };
    source.forget_old(work)?;
    let waiting = waiting(work, &source)?;
    let mut moved = 0_i64;
    for (row, origin) in &waiting {
        let target = match (&destination, origin) {
            (Some(queue), _) => Some(queue.clone()),
            (None, Some(arn)) => Queue::with_arn(work, arn)?,
            (None, None) => None,
        };
        let Some(target) = target else { continue };
        work.tx.execute(
            "UPDATE messages SET queue_id = ?2, message_id = ?3, sent_ms = ?4, visible_ms = ?4,
                    receives = 0, first_received_ms = NULL, receipt = NULL, source_arn = NULL
                WHERE id = ?1",
            params![row, target.id, message_id()?, work.now],
        )?;
        work.touched.push(target.id);
        moved += 1;
    }
    let to_move = i64::try_from(waiting.len()).unwrap_or(i64::MAX);
    let failed = moved < to_move;
    let failure = failed.then_some("CouldNotDetermineMessageSource");
    work.tx.execute(
        "INSERT INTO moves (source_arn, destination_arn, status, failure, moved, to_move, rate,
                started_ms)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            input.source_arn,
            input.destination_arn,
            if failed { "FAILED" } else { "COMPLETED" },
            failure,
            moved,
            to_move,
            input.max_number_of_messages_per_second,
            work.now,
        ],
    )?;
    Ok(json!({ "TaskHandle": message_id()? }))
}

pub(super) fn list(work: &mut Work<'_>, input: &List) -> Result<Value, SqsError> {
    source(work, &input.source_arn)?;
    let limit = input.max_results.unwrap_or(1);
    if !(1..=10).contains(&limit) {
        let reason = "Must be between 1 and 10, if provided.";
        return Err(SqsError::value(limit, "MaxResults", reason));
    }
    let mut statement = work
        .tx
        .prepare("SELECT * FROM moves WHERE source_arn = ?1 ORDER BY id DESC LIMIT ?2")?;
    let rows = statement.query_map(params![input.source_arn, limit], shown)?;
    let tasks = rows.collect::<Result<Vec<_>, _>>()?;
    Ok(json!({ "Results": tasks }))
}

/// Tasks are finished when they are answered, so there is never one to cancel.
pub(super) fn cancel() -> SqsError {
    SqsError::unsupported("Only active tasks can be cancelled.")
}

fn missing() -> SqsError {
    SqsError::new(
        "ResourceNotFoundException",
        "The resource that you specified for the ARN parameter doesn't exist.",
    )
}

/// The queue of an ARN, when it is the dead-letter queue of another.
fn source(work: &Work<'_>, arn: &str) -> Result<Queue, SqsError> {
    let queue = Queue::with_arn(work, arn)?.ok_or_else(missing)?;
    let leads_here = |other: &Queue| {
        other
            .settings
            .redrive()
            .is_some_and(|redrive| redrive.target_arn == arn)
    };
    if Queue::all(work)?.iter().any(leads_here) {
        return Ok(queue);
    }
    let reason = "Source queue must be configured as a Dead Letter Queue.";
    Err(SqsError::value(arn, "SourceArn", reason))
}

fn waiting(work: &Work<'_>, queue: &Queue) -> Result<Vec<(i64, Option<String>)>, SqsError> {
    let mut statement = work.tx.prepare(
        "SELECT id, source_arn FROM messages WHERE queue_id = ?1 AND visible_ms <= ?2 ORDER BY id",
    )?;
    let rows = statement.query_map(params![queue.id, work.now], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn shown(row: &Row<'_>) -> rusqlite::Result<Value> {
    let mut task = json!({
        "SourceArn": row.get::<_, String>("source_arn")?,
        "Status": row.get::<_, String>("status")?,
        "ApproximateNumberOfMessagesMoved": row.get::<_, i64>("moved")?,
        "ApproximateNumberOfMessagesToMove": row.get::<_, i64>("to_move")?,
        "StartedTimestamp": row.get::<_, i64>("started_ms")?,
    });
    let optional = [
        (
            "DestinationArn",
            json!(row.get::<_, Option<String>>("destination_arn")?),
        ),
        (
            "FailureReason",
            json!(row.get::<_, Option<String>>("failure")?),
        ),
        (
            "MaxNumberOfMessagesPerSecond",
            json!(row.get::<_, Option<i64>>("rate")?),
        ),
    ];
    for (name, value) in optional.into_iter().filter(|(_, value)| !value.is_null()) {
        task[name] = value;
    }
    Ok(task)
}
