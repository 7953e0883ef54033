//! As much of SQS as a daemon uses, for one queue.

use std::time::Duration;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::Platform;

/// Answers one call.
pub(crate) async fn answer(
    State(platform): State<Platform>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let action = headers["x-amz-target"].to_str().unwrap().to_owned();
    let body: Value = serde_json::from_str(&body).unwrap();
    match action.as_str() {
        "AmazonSQS.ReceiveMessage" => receive(&platform, &body).await,
        "AmazonSQS.DeleteMessage" => {
            platform.change(|state| state.deleted += 1);
            Json(json!({})).into_response()
        }
        "AmazonSQS.ChangeMessageVisibility" => {
            let seconds = body["VisibilityTimeout"].as_u64().unwrap();
            platform.change(|state| state.visibilities.push(seconds));
            Json(json!({})).into_response()
        }
        _ => StatusCode::BAD_REQUEST.into_response(),
    }
}

async fn receive(platform: &Platform, body: &Value) -> Response {
    let wait = Duration::from_secs(body["WaitTimeSeconds"].as_u64().unwrap());
    let taken = tokio::time::timeout(wait, platform.take()).await;
    let Ok(message) = taken else {
        return Json(json!({})).into_response();
    };
    let message = json!({
        "MessageId": "m-1", "ReceiptHandle": "r-1", "Body": message,
        "Attributes": {"ApproximateReceiveCount": "1"},
    });
    Json(json!({ "Messages": [message] })).into_response()
}
