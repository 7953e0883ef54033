//! What a request does, as policies name it.

use serde_json::Value;

/// The action a policy must allow for a request, and the queue's name.
pub(crate) fn action(operation: &str, fields: &Value) -> (String, String) {
    let action = operation.strip_suffix("Batch").unwrap_or(operation);
    let url = fields["QueueUrl"]
        .as_str()
        .and_then(|url| url.rsplit('/').next());
    let arn = fields["SourceArn"]
        .as_str()
        .and_then(|arn| arn.rsplit(':').next());
    let name = url
        .or_else(|| fields["QueueName"].as_str())
        .or(arn)
        .unwrap_or("*");
    (action.to_owned(), name.to_owned())
}
