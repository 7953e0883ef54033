//! Without an endpoint nothing is collected.

#![cfg(test)]

use std::fs::File;

use switchyard_telemetry::{DETAIL, Output, Setup};
use tracing::{info, info_span};

#[tokio::test]
async fn spans_for_export_are_not_even_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let output = Output::File(File::create(&path).unwrap());
    let setup = Setup::json("api", "test", output);
    let telemetry = setup.start();
    assert!(!telemetry.exports());
    assert!(info_span!(target: DETAIL, "call").is_disabled());
    info_span!("request", trace.id = "t").in_scope(|| info!("line"));
    telemetry.flush().await;
    let text = std::fs::read_to_string(&path).unwrap();
    let line: serde_json::Value = serde_json::from_str(text.trim()).unwrap();
    assert_eq!(
        (line["message"].as_str(), line["trace.id"].as_str()),
        (Some("line"), Some("t"))
    );
}
