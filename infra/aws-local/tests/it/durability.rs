//! What was acknowledged is there after `kill -9`.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_sqs::types::QueueAttributeName;
use switchyard_aws_local::{Config, Durability, Endpoints, ManualClock, StartError, sdk_config};

use crate::support::{s, things};

/// The endpoints as a process.
struct Process {
    child: Child,
    url: String,
}

impl Process {
    fn start(state: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_switchyard-aws-local"))
            .arg(state)
            .arg("127.0.0.1:0")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        Self {
            child,
            url: line.trim().to_owned(),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // On Unix this is SIGKILL.
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Puts fifty things into each of the three.
async fn fill(
    dynamo: &aws_sdk_dynamodb::Client,
    (sqs, url): (&aws_sdk_sqs::Client, &str),
    s3: &aws_sdk_s3::Client,
) {
    for n in 0..50 {
        let n = n.to_string();
        let put = dynamo
            .put_item()
            .table_name("things")
            .item("pk", s("a"))
            .item("sk", s(&n));
        put.send().await.unwrap();
        sqs.send_message()
            .queue_url(url)
            .message_body(&n)
            .send()
            .await
            .unwrap();
        let put = s3
            .put_object()
            .bucket("bucket")
            .key(&n)
            .body(ByteStream::from(n.into_bytes()));
        put.send().await.unwrap();
    }
}

async fn attributes(
    sqs: &aws_sdk_sqs::Client,
    url: &str,
) -> std::collections::HashMap<QueueAttributeName, String> {
    let get = sqs
        .get_queue_attributes()
        .queue_url(url)
        .attribute_names(QueueAttributeName::All);
    get.send().await.unwrap().attributes.unwrap()
}

#[tokio::test]
async fn everything_acknowledged_survives_the_death_of_the_process() {
    let state = tempfile::tempdir().unwrap();
    let process = Process::start(state.path());
    let config = sdk_config(&process.url);
    let dynamo = aws_sdk_dynamodb::Client::new(&config);
    things(&dynamo).await;
    let sqs = aws_sdk_sqs::Client::new(&config);
    let create = sqs.create_queue().queue_name("q");
    let create = create.attributes(QueueAttributeName::VisibilityTimeout, "600");
    let url = create.send().await.unwrap().queue_url.unwrap();
    let s3 = aws_sdk_s3::Client::new(&config);
    s3.create_bucket().bucket("bucket").send().await.unwrap();
    fill(&dynamo, (&sqs, &url), &s3).await;
    let taken = sqs
        .receive_message()
        .queue_url(&url)
        .max_number_of_messages(10)
        .send()
        .await;
    let taken = taken.unwrap().messages.unwrap();
    for message in &taken[..5] {
        let delete = sqs.delete_message().queue_url(&url);
        delete
            .receipt_handle(message.receipt_handle().unwrap())
            .send()
            .await
            .unwrap();
    }
    drop(process);

    let process = Process::start(state.path());
    let config = sdk_config(&process.url);
    let dynamo = aws_sdk_dynamodb::Client::new(&config);
    let query = dynamo
        .query()
        .table_name("things")
        .key_condition_expression("pk = :p");
    let found = query
        .expression_attribute_values(":p", s("a"))
        .send()
        .await
        .unwrap();
    assert_eq!(found.count(), 50);
    let sqs = aws_sdk_sqs::Client::new(&config);
    let found = attributes(&sqs, &url).await;
    assert_eq!(
        found[&QueueAttributeName::ApproximateNumberOfMessages],
        "40"
    );
    assert_eq!(
        found[&QueueAttributeName::ApproximateNumberOfMessagesNotVisible],
        "5"
    );
    assert_eq!(found[&QueueAttributeName::VisibilityTimeout], "600");
    // A receipt from before the death is still good.
    let delete = sqs.delete_message().queue_url(&url);
    delete
        .receipt_handle(taken[9].receipt_handle().unwrap())
        .send()
        .await
        .unwrap();
    let found = attributes(&sqs, &url).await;
    assert_eq!(
        found[&QueueAttributeName::ApproximateNumberOfMessagesNotVisible],
        "4"
    );
    let s3 = aws_sdk_s3::Client::new(&config);
    let list = s3.list_objects_v2().bucket("bucket").send().await.unwrap();
    assert_eq!(list.contents().len(), 50);
}

#[tokio::test]
async fn a_taken_port_and_a_useless_directory_are_told_apart() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let start = |listen, state: &Path| {
        let clock = ManualClock::new(jiff::Timestamp::UNIX_EPOCH).clock();
        let state = state.to_owned();
        Endpoints::start(Config {
            listen,
            state,
            clock,
            durability: Durability::Disk,
        })
    };
    let directory = tempfile::tempdir().unwrap();
    let refused = start(taken.local_addr().unwrap(), directory.path()).await;
    assert!(
        matches!(refused, Err(StartError::Listen { .. })),
        "{refused:?}"
    );
    let file = directory.path().join("file");
    std::fs::write(&file, b"").unwrap();
    let refused = start("127.0.0.1:0".parse().unwrap(), &file).await;
    assert!(
        matches!(refused, Err(StartError::State { .. })),
        "{refused:?}"
    );
}
