//! A bucket on an endpoint that speaks the real protocol.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use aws_local::{AwsError, Config, Endpoints, Fault, ManualClock};
use aws_sdk_s3::{Client, config::retry::RetryConfig};
use jiff::Timestamp;
use switchyard_blobs::{BlobError, Blobs};

async fn world() -> (Endpoints, Client) {
    let config =
        Config::in_memory(ManualClock::new(Timestamp::from_second(1_800_000_000).unwrap()).clock());
    let endpoints = Endpoints::start(config).await.unwrap();
    let config = aws_sdk_s3::config::Builder::from(&aws_local::sdk_config(endpoints.url()))
        .retry_config(RetryConfig::disabled())
        .force_path_style(true);
    let client = Client::from_conf(config.build());
    client
        .create_bucket()
        .bucket("bodies")
        .send()
        .await
        .unwrap();
    (endpoints, client)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_is_read_and_replaced() {
    let (_endpoints, client) = world().await;
    let blobs = Blobs::new(client, "bodies");
    let bytes: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    let key = "deliveries/github/72d3162e-cc78-11e3";
    assert_eq!(blobs.get(key, 9).await, Ok(None));
    blobs.put(key, bytes.clone()).await.unwrap();
    assert_eq!(blobs.get(key, bytes.len()).await, Ok(Some(bytes.clone())));
    let limit = bytes.len() - 1;
    assert_eq!(
        blobs.get(key, limit).await,
        Err(BlobError::TooLarge { limit })
    );
    blobs.put(key, Vec::new()).await.unwrap();
    assert_eq!(blobs.get(key, 0).await, Ok(Some(Vec::new())));
}

#[tokio::test(flavor = "multi_thread")]
async fn trouble_is_unavailable_and_refusals_are_rejected() {
    let (endpoints, client) = world().await;
    let blobs = Blobs::new(client.clone(), "bodies");
    for error in [
        AwsError::new(500, "InternalError"),
        AwsError::new(503, "SlowDown"),
    ] {
        endpoints.faults().add(Fault::refuse("S3.PutObject", error));
        let failed = blobs.put("a", vec![1]).await.unwrap_err();
        assert!(failed.is_transient(), "{failed:?}");
    }
    assert_eq!(blobs.get("a", 9).await, Ok(None));
    endpoints.faults().add(Fault::refuse(
        "S3.GetObject",
        AwsError::new(403, "AccessDenied"),
    ));
    let refused = blobs.get("a", 9).await.unwrap_err();
    assert!(matches!(refused, BlobError::Rejected { .. }), "{refused:?}");
    let nowhere = Blobs::new(client, "elsewhere")
        .put("a", vec![1])
        .await
        .unwrap_err();
    assert!(matches!(nowhere, BlobError::Rejected { .. }), "{nowhere:?}");
    endpoints.shutdown().await;
    let down = blobs.get("a", 9).await.unwrap_err();
    assert!(down.is_transient(), "{down:?}");
}
