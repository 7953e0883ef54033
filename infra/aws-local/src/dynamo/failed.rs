//! What a write uses although its condition failed.
//!
//! AWS bills such a write by the larger of the stored item and the item that was to be written, at
//! least one unit, to the table alone, and reports it nowhere. A cancelled transaction is counted
//! with all its items, twice each like one that went through.

use dynoxide::Database;
use dynoxide::actions::get_item::GetItemRequest;
use dynoxide::types::{Item, item_size, write_capacity_units};
use serde::Deserialize;
use serde_json::Value;

/// One part of a key schema, as the engine stores it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct KeyPart {
    attribute_name: String,
}

/// The table and the units of a refused write, when the refusal is one that is billed.
///
/// The stored item is read after the refusal. Another writer may have changed it in between; the
/// figure is then off by that change.
pub(super) fn units(
    database: &Database,
    operation: &str,
    fields: &Value,
    answer: &[u8],
) -> Option<(String, f64)> {
    let answer: Value = serde_json::from_slice(answer).ok()?;
    let kind = answer["__type"].as_str()?;
    let (_, kind) = kind.rsplit_once('#').unwrap_or(("", kind));
    match (operation, kind) {
        ("PutItem" | "UpdateItem" | "DeleteItem", "ConditionalCheckFailedException") => {
            one(database, fields)
        }
        ("TransactWriteItems", "TransactionCanceledException") => cancelled(database, fields),
        _ => None,
    }
}

fn cancelled(database: &Database, fields: &Value) -> Option<(String, f64)> {
    let items = fields["TransactItems"].as_array()?;
    let parts = items
        .iter()
        .filter_map(|item| item.as_object()?.values().next());
    let used: Vec<_> = parts.filter_map(|part| one(database, part)).collect();
    let table = used.first()?.0.clone();
    Some((table, used.iter().map(|(_, units)| 2.0 * units).sum()))
}

fn one(database: &Database, fields: &Value) -> Option<(String, f64)> {
    let table = fields["TableName"].as_str()?;
    let written = item(&fields["Item"]);
    let key = match &written {
        Some(written) => key_of(database, table, written)?,
        None => item(&fields["Key"])?,
    };
    let size = stored_size(database, table, key).max(written.as_ref().map_or(0, item_size));
    Some((table.to_owned(), write_capacity_units(size)))
}

fn item(value: &Value) -> Option<Item> {
    Item::deserialize(value).ok()
}

fn key_of(database: &Database, table: &str, item: &Item) -> Option<Item> {
    let schema = database.get_table_metadata(table).ok()??.key_schema;
    let parts: Vec<KeyPart> = serde_json::from_str(&schema).ok()?;
    let part = |part: KeyPart| {
        let value = item.get(&part.attribute_name)?.clone();
        Some((part.attribute_name, value))
    };
    parts.into_iter().map(part).collect()
}

fn stored_size(database: &Database, table: &str, key: Item) -> usize {
    let request = GetItemRequest {
        table_name: table.to_owned(),
        key,
        consistent_read: Some(true),
        ..GetItemRequest::default()
    };
    let found = database
        .get_item(request)
        .ok()
        .and_then(|answer| answer.item);
    found.as_ref().map_or(0, item_size)
}
