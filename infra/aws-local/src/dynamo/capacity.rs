//! Counting what requests use, by asking the engine on every request and hiding it from callers who
//! did not ask.
//!
//! The engine's figures follow the documented rules (1 KB and 4 KB units, half for eventual
//! consistency, twice for transactions, the larger of before and after, index entries by what changes
//! in the index). What it leaves out, because AWS reports it nowhere, is in [`super::failed`].

use bytes::Bytes;
use serde_json::{Map, Value};

use super::proxy::Answer;
use crate::meter::{Counts, Meter, Units};

const ASK: &[u8] = br#""ReturnConsumedCapacity":"INDEXES","#;

/// What the caller wants to see of the figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// The operation has none, or the request is one the engine will refuse: leave all as it is.
    Unmetered,
    Nothing,
    Total,
    Everything,
}

/// A request that asks for the figures.
pub(super) struct Asked {
    pub(super) body: Bytes,
    pub(super) wanted: Wanted,
}

/// Makes a request ask for its figures.
pub(super) fn ask(operation: &str, body: &Bytes, fields: &Value) -> Asked {
    let as_it_is = |wanted| Asked {
        body: body.clone(),
        wanted,
    };
    let Some(object) = fields.as_object().filter(|object| !object.is_empty()) else {
        return as_it_is(Wanted::Unmetered);
    };
    if !(writes(operation) || reads(operation)) {
        return as_it_is(Wanted::Unmetered);
    }
    match object.get("ReturnConsumedCapacity") {
        None => Asked {
            body: spliced(body),
            wanted: Wanted::Nothing,
        },
        Some(Value::String(mode)) if mode == "INDEXES" => as_it_is(Wanted::Everything),
        Some(Value::String(mode)) if mode == "TOTAL" => Asked {
            body: replaced(object),
            wanted: Wanted::Total,
        },
        Some(Value::String(mode)) if mode == "NONE" => Asked {
            body: replaced(object),
            wanted: Wanted::Nothing,
        },
        Some(_) => as_it_is(Wanted::Unmetered),
    }
}

/// Puts the question behind the opening brace, so that the rest stays byte for byte what was sent.
fn spliced(body: &Bytes) -> Bytes {
    let Some(brace) = body.iter().position(|byte| *byte == b'{') else {
        return body.clone();
    };
    let (head, tail) = body.split_at(brace + 1);
    [head, ASK, tail].concat().into()
}

fn replaced(object: &Map<String, Value>) -> Bytes {
    let mut object = object.clone();
    object.insert("ReturnConsumedCapacity".to_owned(), "INDEXES".into());
    Value::Object(object).to_string().into()
}

/// Whether an operation may change items.
pub(super) fn writes(operation: &str) -> bool {
    matches!(
        operation,
        "PutItem"
            | "UpdateItem"
            | "DeleteItem"
            | "BatchWriteItem"
            | "TransactWriteItems"
            | "ExecuteStatement"
            | "BatchExecuteStatement"
            | "ExecuteTransaction"
    )
}

fn reads(operation: &str) -> bool {
    matches!(
        operation,
        "GetItem" | "BatchGetItem" | "Query" | "Scan" | "TransactGetItems"
    )
}

/// Counts a successful answer and takes out what the caller did not ask for.
pub(super) fn account(
    operation: &str,
    fields: &Value,
    wanted: Wanted,
    answer: Answer,
    meter: &Meter,
) -> Answer {
    let parsed = (wanted != Wanted::Unmetered)
        .then(|| serde_json::from_slice::<Map<String, Value>>(&answer.body).ok())
        .flatten();
    let Some(mut body) = parsed else {
        account_failure(operation, None, meter);
        return answer;
    };
    let reading = reads(operation) || selects(fields);
    let entries = match body.get("ConsumedCapacity") {
        Some(Value::Array(entries)) => entries.clone(),
        Some(entry) => vec![entry.clone()],
        None => Vec::new(),
    };
    meter.update(|counts| count(counts, operation, &entries, reading));
    match wanted {
        Wanted::Unmetered | Wanted::Everything => return answer,
        Wanted::Nothing => drop(body.remove("ConsumedCapacity")),
        Wanted::Total => match body.get_mut("ConsumedCapacity") {
            Some(Value::Array(entries)) => entries.iter_mut().for_each(without_details),
            Some(entry) => without_details(entry),
            None => {}
        },
    }
    answer.with_body(Value::Object(body).to_string().into())
}

/// Counts a request that was refused, with what it used before it was.
pub(super) fn account_failure(operation: &str, used: Option<(String, f64)>, meter: &Meter) {
    meter.update(|counts| {
        let (table, write) = used.unwrap_or_default();
        let units = Units {
            requests: 1,
            write,
            read: 0.0,
        };
        counts.dynamodb.add(units);
        counts
            .dynamodb_operations
            .entry(operation.to_owned())
            .or_default()
            .add(units);
        if write > 0.0 {
            counts
                .dynamodb_resources
                .entry(table)
                .or_default()
                .add(units);
        }
    });
}

fn count(counts: &mut Counts, operation: &str, entries: &[Value], reading: bool) {
    let mut sum = Units {
        requests: 1,
        ..Units::default()
    };
    for entry in entries {
        let (read, write) = sides(entry, reading);
        sum.add(Units {
            requests: 0,
            write,
            read,
        });
        for (resource, detail) in resources(entry) {
            let (read, write) = sides(detail, reading);
            let units = Units {
                requests: 1,
                write,
                read,
            };
            if read + write > 0.0 {
                counts
                    .dynamodb_resources
                    .entry(resource)
                    .or_default()
                    .add(units);
            }
        }
    }
    counts.dynamodb.add(sum);
    counts
        .dynamodb_operations
        .entry(operation.to_owned())
        .or_default()
        .add(sum);
}

/// Read and write units of one entry. Where the engine tells them apart it is believed; a replayed
/// transaction reads although it is a write.
fn sides(entry: &Value, reading: bool) -> (f64, f64) {
    let number = |name: &str| entry[name].as_f64();
    match (number("ReadCapacityUnits"), number("WriteCapacityUnits")) {
        (None, None) => {
            let units = number("CapacityUnits").unwrap_or_default();
            if reading { (units, 0.0) } else { (0.0, units) }
        }
        (read, write) => (read.unwrap_or_default(), write.unwrap_or_default()),
    }
}

fn resources(entry: &Value) -> Vec<(String, &Value)> {
    let table = entry["TableName"].as_str().unwrap_or_default();
    let mut found = vec![(table.to_owned(), &entry["Table"])];
    for kind in ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"] {
        for (index, detail) in entry[kind].as_object().into_iter().flatten() {
            found.push((format!("{table}/{index}"), detail));
        }
    }
    found
}

/// Whether the statements of a `PartiQL` request only read. Mixed transactions are refused by DynamoDB.
fn selects(fields: &Value) -> bool {
    let single = fields["Statement"].as_str();
    let first = ["Statements", "TransactStatements"]
        .iter()
        .find_map(|list| fields[list][0]["Statement"].as_str());
    single.or(first).is_some_and(|statement| {
        statement
            .trim_start()
            .get(..6)
            .is_some_and(|verb| verb.eq_ignore_ascii_case("select"))
    })
}

fn without_details(entry: &mut Value) {
    if let Some(entry) = entry.as_object_mut() {
        for detail in ["Table", "GlobalSecondaryIndexes", "LocalSecondaryIndexes"] {
            drop(entry.remove(detail));
        }
    }
}
