//! Git LFS: the batch API by plain HTTP, and pushes of pointers.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{REPO, World, git};

const CONTENT: &[u8] = b"large content\n";
const OID: &str = "d7e4bb9e1fdb7aaf30ee22d3fd6c02de3eef5a8e8a1ea4c2b8e2ef6ee7c4c6cf";

fn oid() -> String {
    use sha2::Digest;
    data_encoding::HEXLOWER.encode(&sha2::Sha256::digest(CONTENT))
}

async fn call(
    world: &World,
    method: Method,
    url: &str,
    token: &str,
    body: Vec<u8>,
) -> (u16, Vec<u8>) {
    let request = world.client.request(method, url).body(body);
    let request = request.basic_auth("x-access-token", Some(token));
    let answer = request.send().await.expect("answer");
    let status = answer.status().as_u16();
    (status, answer.bytes().await.expect("bytes").to_vec())
}

async fn batch(world: &World, token: &str, operation: &str, oid: &str) -> (u16, Value) {
    let url = format!(
        "{}octo/demo.git/info/lfs/objects/batch",
        world.sim.git_url()
    );
    let objects = json!([{"oid": oid, "size": CONTENT.len()}]);
    let body = json!({"operation": operation, "transfers": ["basic"], "objects": objects});
    let body = body.to_string().into_bytes();
    let (status, bytes) = call(world, Method::POST, &url, token, body).await;
    (status, serde_json::from_slice(&bytes).expect("json"))
}

#[tokio::test]
async fn an_object_is_uploaded_verified_and_downloaded() {
    let world = World::start().await;
    let token = world.full_token().await;
    let (_, absent) = batch(&world, &token, "download", &oid()).await;
    assert_eq!(absent["objects"][0]["error"]["code"], 404);
    let (status, answer) = batch(&world, &token, "upload", &oid()).await;
    assert_eq!((status, &answer["transfer"]), (200, &json!("basic")));
    let actions = &answer["objects"][0]["actions"];
    assert!(actions["upload"]["header"]["Authorization"].is_string());
    let upload = actions["upload"]["href"].as_str().expect("url");
    let wrong = call(&world, Method::PUT, upload, &token, b"other".to_vec()).await;
    assert_eq!(wrong.0, 422);
    let right = call(&world, Method::PUT, upload, &token, CONTENT.to_vec()).await;
    assert_eq!(right.0, 200);
    let verify = actions["verify"]["href"].as_str().expect("url");
    for (size, status) in [(CONTENT.len(), 200), (1, 404)] {
        let body = json!({"oid": oid(), "size": size}).to_string().into_bytes();
        let verified = call(&world, Method::POST, verify, &token, body).await;
        assert_eq!(verified.0, status);
    }
    let (_, again) = batch(&world, &token, "upload", &oid()).await;
    assert!(again["objects"][0]["actions"].is_null(), "it is there");
    let (_, answer) = batch(&world, &token, "download", &oid()).await;
    let download = &answer["objects"][0]["actions"]["download"]["href"];
    let download = download.as_str().expect("url");
    let got = call(&world, Method::GET, download, &token, Vec::new()).await;
    assert_eq!(got, (200, CONTENT.to_vec()));
}

#[tokio::test]
async fn reading_is_not_writing() {
    let world = World::start().await;
    let reader = world.token(&[("contents", "read")]).await;
    assert_eq!(batch(&world, &reader, "upload", &oid()).await.0, 403);
    assert_eq!(batch(&world, &reader, "download", &oid()).await.0, 200);
    assert_eq!(batch(&world, "ghs_wrong", "download", &oid()).await.0, 401);
}

#[tokio::test]
async fn a_pointer_to_nothing_is_refused() {
    let world = World::start().await;
    let token = world.full_token().await;
    let url = format!("{}octo/demo.git", world.sim.git_url());
    let directory = world.directory.path();
    let (ok, text) = git(directory, Some(&token), &["clone", &url, "work"]).await;
    assert!(ok, "{text}");
    let work = directory.join("work");
    let pointer =
        format!("version https://git-lfs.github.com/spec/v1\noid sha256:{OID}\nsize 12\n");
    std::fs::write(work.join("big.bin"), pointer).expect("write");
    for arguments in [&["add", "-A"][..], &["commit", "-m", "Pointer"]] {
        assert!(git(&work, None, arguments).await.0);
    }
    let (ok, text) = git(&work, Some(&token), &["push", "origin", "HEAD:one"]).await;
    assert!(
        !ok && text.contains("GH008: Your push referenced"),
        "{text}"
    );
    assert!(text.contains(OID), "{text}");
    let head = world.sim.branch_head(REPO, "one").await.expect("head");
    assert_eq!(head, None);
}
