//! Records of the engine in the shape Lambda gives them.

use dynoxide::actions::get_records::{GetRecordsRequest, Record};
use dynoxide::actions::get_shard_iterator::GetShardIteratorRequest;
use dynoxide::streams::{shard_id, stream_arn};
use dynoxide::{Database, DynoxideError};
use serde_json::{Value, json};

use super::StreamError;
use crate::{ACCOUNT, REGION};

/// What one read found.
pub(super) struct Found {
    /// The records that changed something.
    pub(super) records: Vec<Value>,
    /// The sequence number of the last record looked at; `None` when there was none.
    pub(super) last: Option<String>,
}

/// Up to `limit` records of `table` after the sequence number `after`.
pub(super) fn read(
    database: &Database,
    table: &str,
    after: Option<String>,
    limit: usize,
) -> Result<Found, StreamError> {
    let failed = |error: DynoxideError| StreamError::Read(error.to_string());
    let no_stream = || StreamError::NoStream(table.to_owned());
    let described = database.get_table_metadata(table).map_err(failed)?;
    let described = described
        .filter(|table| table.stream_enabled)
        .ok_or_else(no_stream)?;
    let label = described.stream_label.unwrap_or_default();
    let kind = if after.is_some() {
        "AFTER_SEQUENCE_NUMBER"
    } else {
        "TRIM_HORIZON"
    };
    let request = GetShardIteratorRequest {
        stream_arn: stream_arn(table, &label),
        shard_id: shard_id(table),
        shard_iterator_type: kind.to_owned(),
        sequence_number: after,
    };
    let iterator = database
        .get_shard_iterator(request)
        .map_err(failed)?
        .shard_iterator;
    let shard_iterator = iterator.ok_or_else(no_stream)?;
    let request = GetRecordsRequest {
        shard_iterator,
        limit: Some(limit),
    };
    let records = database.get_records(request).map_err(failed)?.records;
    let last = records
        .last()
        .map(|record| record.dynamodb.sequence_number.clone());
    let source = format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{table}/stream/{label}");
    let records = records.iter().filter(|record| changed(record));
    let records = records.map(|record| event(record, &source)).collect();
    Ok(Found { records, last })
}

/// Whether a record tells of a change. The engine writes one for an identical put; AWS does not.
fn changed(record: &Record) -> bool {
    let images = &record.dynamodb;
    record.event_name != "MODIFY"
        || images.old_image.is_none()
        || images.new_image.is_none()
        || images.old_image != images.new_image
}

fn event(record: &Record, source: &str) -> Value {
    let mut event = json!(record);
    event["awsRegion"] = REGION.into();
    event["eventSourceARN"] = source.into();
    event
}
