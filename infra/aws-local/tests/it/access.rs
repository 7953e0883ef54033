//! Who is let in.

use std::path::PathBuf;
use std::sync::Arc;

use aws_smithy_types::error::metadata::ProvideErrorMetadata as _;
use jiff::Timestamp;
use switchyard_aws_local::{Access, Config, Durability, Endpoints, sdk_config};

use crate::support::code;

async fn guarded() -> Endpoints {
    let config = Config {
        listen: "127.0.0.1:0".parse().unwrap(),
        state: PathBuf::new(),
        clock: Arc::new(|| Timestamp::from_second(1_800_000_000).unwrap()),
        durability: Durability::Memory,
    };
    let access = Access::Holders("0123456789abcdef".into());
    Endpoints::start_for(config, access).await.unwrap()
}

#[tokio::test]
async fn who_holds_the_token_uses_every_service() {
    let endpoints = guarded().await;
    let config = endpoints.sdk_config("somebody");
    let sqs = aws_sdk_sqs::Client::new(&config);
    sqs.create_queue().queue_name("jobs").send().await.unwrap();
    let dynamo = aws_sdk_dynamodb::Client::new(&config);
    dynamo.list_tables().send().await.unwrap();
    let s3 = aws_sdk_s3::Client::new(&config);
    s3.create_bucket().bucket("bodies").send().await.unwrap();
    let callers = endpoints.calls().into_iter();
    assert!(
        callers
            .map(|(call, _)| call.caller)
            .all(|name| name == "somebody")
    );
}

#[tokio::test]
async fn nobody_else_gets_anything_of_any_service() {
    let endpoints = guarded().await;
    let holder = endpoints.sdk_config("somebody");
    let own = aws_sdk_sqs::Client::new(&holder);
    own.create_queue().queue_name("jobs").send().await.unwrap();

    let stranger = sdk_config(endpoints.url());
    let sqs = aws_sdk_sqs::Client::new(&stranger);
    let listed = sqs.list_queues().send().await;
    assert_eq!(code(listed), "InvalidClientTokenId");
    let dynamo = aws_sdk_dynamodb::Client::new(&stranger);
    let listed = dynamo.list_tables().send().await;
    assert_eq!(code(listed), "InvalidClientTokenId");
    let s3 = aws_sdk_s3::Client::new(&stranger);
    let listed = s3.list_buckets().send().await;
    let error = listed.expect_err("it is refused");
    assert_eq!(error.code(), Some("InvalidClientTokenId"));

    // What has no credentials at all, and what guesses.
    let config = stranger.into_builder();
    let guess = aws_credential_types::Credentials::new(
        "a",
        "b",
        Some("0123456789abcdee".into()),
        None,
        "test",
    );
    let provider = aws_credential_types::provider::SharedCredentialsProvider::new(guess);
    let config = config.credentials_provider(provider).build();
    let sqs = aws_sdk_sqs::Client::new(&config);
    assert_eq!(code(sqs.list_queues().send().await), "InvalidClientTokenId");
}

#[tokio::test]
async fn the_token_does_not_show() {
    let endpoints = guarded().await;
    let shown = format!("{:?} {endpoints:?}", endpoints.access());
    assert!(!shown.contains("0123456789abcdef"), "{shown}");
}
