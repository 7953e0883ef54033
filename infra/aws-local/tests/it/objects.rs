//! S3 as the SDK's client uses it.

use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::ChecksumAlgorithm;
use std::time::Duration;
use switchyard_aws_local::{Durability, sdk_config_as};

use crate::support::{Local, code};

#[tokio::test]
async fn an_object_is_put_read_found_and_deleted() {
    let local = Local::start().await;
    let s3 = local.s3();
    s3.create_bucket().bucket("things").send().await.unwrap();
    s3.create_bucket().bucket("things").send().await.unwrap();
    let put = s3
        .put_object()
        .bucket("things")
        .key("a/b c+d.json")
        .content_type("application/json");
    let put = put
        .metadata("kind", "test")
        .body(ByteStream::from_static(b"{}"));
    put.send().await.unwrap();
    let got = s3
        .get_object()
        .bucket("things")
        .key("a/b c+d.json")
        .send()
        .await
        .unwrap();
    assert_eq!(got.content_type(), Some("application/json"));
    assert_eq!(got.content_encoding(), None);
    assert_eq!(got.metadata().unwrap()["kind"], "test");
    assert_eq!(got.body.collect().await.unwrap().to_vec(), b"{}");
    let head = s3
        .head_object()
        .bucket("things")
        .key("a/b c+d.json")
        .send()
        .await
        .unwrap();
    assert_eq!(head.content_length(), Some(2));
    let list = s3
        .list_objects_v2()
        .bucket("things")
        .prefix("a/")
        .send()
        .await
        .unwrap();
    assert_eq!(list.contents()[0].key(), Some("a/b c+d.json"));
    s3.delete_object()
        .bucket("things")
        .key("a/b c+d.json")
        .send()
        .await
        .unwrap();
    s3.delete_object()
        .bucket("things")
        .key("a/b c+d.json")
        .send()
        .await
        .unwrap();
    let gone = s3
        .get_object()
        .bucket("things")
        .key("a/b c+d.json")
        .send()
        .await;
    assert!(gone.unwrap_err().into_service_error().is_no_such_key());
}

#[tokio::test]
async fn what_is_not_there_is_named_so() {
    let local = Local::start().await;
    let s3 = local.s3();
    let put = s3
        .put_object()
        .bucket("nowhere")
        .key("k")
        .body(ByteStream::from_static(b"x"));
    assert_eq!(code(put.send().await), "NoSuchBucket");
    assert_eq!(
        code(s3.get_object().bucket("nowhere").key("k").send().await),
        "NoSuchBucket"
    );
    assert_eq!(
        code(s3.list_objects_v2().bucket("nowhere").send().await),
        "NoSuchBucket"
    );
    let head = s3.head_bucket().bucket("nowhere").send().await;
    assert!(head.unwrap_err().into_service_error().is_not_found());
    s3.create_bucket().bucket("here").send().await.unwrap();
    let head = s3.head_object().bucket("here").key("k").send().await;
    assert!(head.unwrap_err().into_service_error().is_not_found());
    s3.head_bucket().bucket("here").send().await.unwrap();
}

#[tokio::test]
async fn checksums_of_all_kinds_and_streams_are_understood() {
    let local = Local::start().await;
    let s3 = local.s3();
    s3.create_bucket().bucket("sums").send().await.unwrap();
    let large = vec![7_u8; 3_000_000];
    for algorithm in [
        ChecksumAlgorithm::Crc32,
        ChecksumAlgorithm::Crc32C,
        ChecksumAlgorithm::Sha256,
    ] {
        let put = s3.put_object().bucket("sums").key(algorithm.as_str());
        let put = put
            .checksum_algorithm(algorithm.clone())
            .body(large.clone().into());
        put.send().await.unwrap();
    }
    // A body read from a file goes out in chunks with its checksum behind them.
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &large).unwrap();
    let body = ByteStream::from_path(file.path()).await.unwrap();
    s3.put_object()
        .bucket("sums")
        .key("file")
        .body(body)
        .send()
        .await
        .unwrap();
    for key in ["CRC32", "CRC32C", "SHA256", "file"] {
        let got = s3
            .get_object()
            .bucket("sums")
            .key(key)
            .send()
            .await
            .unwrap();
        assert_eq!(got.body.collect().await.unwrap().to_vec(), large, "{key}");
    }
}

#[tokio::test]
async fn writing_only_what_is_new_is_possible() {
    let local = Local::start().await;
    let s3 = local.s3();
    s3.create_bucket().bucket("once").send().await.unwrap();
    let put = || {
        let put = s3.put_object().bucket("once").key("k").if_none_match("*");
        put.body(ByteStream::from_static(b"x")).send()
    };
    put().await.unwrap();
    assert_eq!(code(put().await), "PreconditionFailed");
}

#[tokio::test]
async fn any_credentials_and_presigned_addresses_are_accepted() {
    let local = Local::start().await;
    let s3 = aws_sdk_s3::Client::new(&sdk_config_as(local.endpoints.url(), "somebody"));
    s3.create_bucket().bucket("open").send().await.unwrap();
    let put = s3
        .put_object()
        .bucket("open")
        .key("k")
        .body(ByteStream::from_static(b"x"));
    put.send().await.unwrap();
    let hour = PresigningConfig::expires_in(Duration::from_hours(1)).unwrap();
    let signed = s3
        .get_object()
        .bucket("open")
        .key("k")
        .presigned(hour)
        .await
        .unwrap();
    let address = signed.uri().strip_prefix("http://").unwrap().to_owned();
    let (host, path) = address.split_once('/').unwrap();
    let (host, path) = (host.to_owned(), path.to_owned());
    let read = tokio::task::spawn_blocking(move || {
        use std::io::{Read as _, Write as _};
        let mut raw = std::net::TcpStream::connect(&host).unwrap();
        write!(
            raw,
            "GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        raw.read_to_string(&mut answer).unwrap();
        answer
    });
    let answer = read.await.unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.ends_with("\r\n\r\nx"),
        "{answer}"
    );
    let callers: Vec<_> = local
        .endpoints
        .calls()
        .into_iter()
        .map(|(call, _)| call)
        .collect();
    assert!(
        callers.iter().all(|call| call.caller == "somebody"),
        "{callers:?}"
    );
    let gets: Vec<_> = callers
        .iter()
        .filter(|call| call.action == "GetObject")
        .collect();
    assert_eq!(gets[0].resource, "open/k");
}

#[tokio::test]
async fn objects_are_there_after_a_restart() {
    let state = tempfile::tempdir().unwrap();
    let local = Local::with(Durability::Disk, state.path().to_owned()).await;
    local
        .s3()
        .create_bucket()
        .bucket("kept")
        .send()
        .await
        .unwrap();
    let put = local
        .s3()
        .put_object()
        .bucket("kept")
        .key("k")
        .body(ByteStream::from_static(b"x"));
    put.send().await.unwrap();
    local.endpoints.shutdown().await;
    let local = Local::with(Durability::Disk, state.path().to_owned()).await;
    let got = local
        .s3()
        .get_object()
        .bucket("kept")
        .key("k")
        .send()
        .await
        .unwrap();
    assert_eq!(got.body.collect().await.unwrap().to_vec(), b"x");
}
