//! What an IAM policy would have to allow for a DynamoDB request.

use serde_json::Value;

/// The actions and resources of one request. Transactions and batches are taken apart, as IAM does.
pub(crate) fn actions(operation: &str, fields: &Value) -> Vec<(String, String)> {
    match operation {
        "TransactWriteItems" | "TransactGetItems" => transaction(fields),
        "BatchWriteItem" | "BatchGetItem" => tables(operation, fields),
        _ => vec![(operation.to_owned(), resource(fields))],
    }
}

fn transaction(fields: &Value) -> Vec<(String, String)> {
    let items = fields["TransactItems"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    let parts = items.iter().filter_map(Value::as_object).flatten();
    parts
        .map(|(verb, part)| {
            let action = if verb == "ConditionCheck" {
                "ConditionCheckItem".to_owned()
            } else {
                format!("{verb}Item")
            };
            (action, resource(part))
        })
        .collect()
}

fn tables(operation: &str, fields: &Value) -> Vec<(String, String)> {
    let Some(tables) = fields["RequestItems"].as_object() else {
        return Vec::new();
    };
    tables
        .keys()
        .map(|table| (operation.to_owned(), table_path(table)))
        .collect()
}

fn resource(fields: &Value) -> String {
    let table = fields["TableName"].as_str();
    let index = fields["IndexName"].as_str();
    match (table, index) {
        (Some(table), Some(index)) => format!("{}/index/{index}", table_path(table)),
        (Some(table), None) => table_path(table),
        (None, _) => named_by_arn(fields),
    }
}

/// `table/NAME` of a name or of an ARN.
fn table_path(table: &str) -> String {
    let name = table.rsplit_once(":table/").map_or(table, |(_, name)| name);
    format!("table/{name}")
}

fn named_by_arn(fields: &Value) -> String {
    let arn = fields["StreamArn"]
        .as_str()
        .or_else(|| fields["ResourceArn"].as_str());
    let path = arn.and_then(|arn| arn.split_once(":table/"));
    path.map_or_else(|| "*".to_owned(), |(_, path)| format!("table/{path}"))
}
