//! Git over HTTP with the real program.

use std::io::Write as _;

use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, WWW_AUTHENTICATE};
use secrecy::ExposeSecret;
use switchyard_simgithub::{Fault, FaultRule};

use crate::support::{REPO, World, git};

fn url(world: &World) -> String {
    format!("{}octo/demo.git", world.sim.git_url())
}

/// A clone with one more commit on a branch.
async fn cloned(world: &World, token: &str) -> std::path::PathBuf {
    let work = world.directory.path().join("clone");
    let (ok, text) = git(
        world.directory.path(),
        Some(token),
        &["clone", &url(world), "clone"],
    )
    .await;
    assert!(ok, "{text}");
    let (ok, text) = git(&work, None, &["checkout", "-b", "topic/one"]).await;
    assert!(ok, "{text}");
    std::fs::write(work.join("new.txt"), "new\n").expect("write");
    for arguments in [&["add", "-A"][..], &["commit", "-m", "Add a file"]] {
        let (ok, text) = git(&work, None, arguments).await;
        assert!(ok, "{text}");
    }
    work
}

#[tokio::test]
async fn clone_and_push_with_a_token_from_a_credential_helper() {
    let world = World::start().await;
    let token = world.full_token().await;
    let work = cloned(&world, &token).await;
    assert_eq!(
        std::fs::read_to_string(work.join("README.md")).expect("file"),
        "# demo\n"
    );
    let (_, mode) = git(&work, None, &["ls-files", "-s", "run.sh"]).await;
    assert!(mode.starts_with("100755"), "{mode}");

    let (ok, text) = git(&work, Some(&token), &["push", "origin", "topic/one"]).await;
    assert!(ok, "{text}");
    let (_, sha) = git(&work, None, &["rev-parse", "HEAD"]).await;
    let head = world
        .sim
        .branch_head(REPO, "topic/one")
        .await
        .expect("head");
    assert_eq!(head.as_deref(), Some(sha.trim()));
    let file = world
        .sim
        .file_at(REPO, "topic/one", "new.txt")
        .await
        .expect("file");
    assert_eq!(file.as_deref(), Some(b"new\n".as_slice()));
    let pushes = world.sim.deliveries().await.expect("deliveries");
    let push = pushes
        .iter()
        .find(|one| one.event == "push")
        .expect("the push is announced");
    assert!(push.payload.contains("tester[bot]"));
    assert_eq!(world.sim.branches(REPO).await.expect("branches").len(), 2);
}

#[tokio::test]
async fn a_token_must_be_good_and_have_the_permission() {
    let world = World::start().await;
    let full = world.full_token().await;
    let work = cloned(&world, &full).await;
    let push =
        async |token: Option<&str>| git(&work, token, &["push", "origin", "topic/one"]).await;

    let (ok, text) = push(Some(&world.token(&[("contents", "read")]).await)).await;
    assert!(!ok && text.contains("403"), "{text}");
    let (ok, text) = push(Some("ghs_wrong")).await;
    assert!(!ok && text.contains("Authentication failed"), "{text}");
    assert!(!push(None).await.0);
    world
        .sim
        .create_repository("octo", "other", &[("a", "b")])
        .await
        .expect("repository");
    let id = world.installation().await;
    let other = world
        .sim
        .mint_token(id, Some(&["other"]), None)
        .await
        .expect("token");
    let (ok, text) = push(Some(other.expose_secret())).await;
    assert!(!ok && text.contains("not found"), "{text}");
    world.advance(3_600);
    assert!(!push(Some(&full)).await.0, "the token has ended");
    assert_eq!(
        world
            .sim
            .branch_head(REPO, "topic/one")
            .await
            .expect("head"),
        None
    );

    let refs = format!("{}/info/refs?service=git-upload-pack", url(&world));
    let answer = world.client.get(&refs).send().await.expect("answer");
    assert_eq!(answer.status(), 401);
    assert!(answer.headers().contains_key(WWW_AUTHENTICATE));
    let issues_only = world.token(&[("issues", "write")]).await;
    let request = world
        .client
        .get(&refs)
        .basic_auth("x-access-token", Some(issues_only));
    assert_eq!(request.send().await.expect("answer").status(), 403);
}

#[tokio::test]
async fn a_public_repository_is_fetched_without_a_token_but_not_pushed_to() {
    let world = World::start().await;
    world.sim.set_private(REPO, false).await.expect("set");
    let directory = world.directory.path();
    let (ok, text) = git(directory, None, &["clone", &url(&world), "public"]).await;
    assert!(ok, "{text}");
    let (ok, _) = git(
        &directory.join("public"),
        None,
        &["push", "origin", "HEAD:refs/heads/x"],
    )
    .await;
    assert!(!ok);
}

#[tokio::test]
async fn protection_refuses_the_default_branch_only() {
    let world = World::start().await;
    world.sim.set_protected(REPO, true).await.expect("set");
    let token = world.full_token().await;
    let work = cloned(&world, &token).await;
    let (ok, text) = git(&work, Some(&token), &["push", "origin", "HEAD:main"]).await;
    assert!(
        !ok && text.contains("GH006: Protected branch update failed"),
        "{text}"
    );
    let (ok, text) = git(&work, Some(&token), &["push", "origin", "topic/one"]).await;
    assert!(ok, "{text}");
    world.sim.set_protected(REPO, false).await.expect("set");
    let (ok, text) = git(&work, Some(&token), &["push", "origin", "HEAD:main"]).await;
    assert!(ok, "{text}");
}

#[tokio::test]
async fn a_push_is_rejected_once_when_told_to() {
    let world = World::start().await;
    let token = world.full_token().await;
    let work = cloned(&world, &token).await;
    world
        .sim
        .faults()
        .add(FaultRule::new("/octo/demo.git/*", 1, Fault::PushRejected));
    let (ok, text) = git(&work, Some(&token), &["push", "origin", "topic/one"]).await;
    assert!(!ok && text.contains("remote rejected"), "{text}");
    assert_eq!(
        world
            .sim
            .branch_head(REPO, "topic/one")
            .await
            .expect("head"),
        None
    );
    let (ok, text) = git(&work, Some(&token), &["push", "origin", "topic/one"]).await;
    assert!(ok, "{text}");
}

#[tokio::test]
async fn a_compressed_request_is_understood() {
    let world = World::start().await;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder
        .write_all(b"0014command=ls-refs\n00010000")
        .expect("gzip");
    let answer = world
        .client
        .post(format!("{}/git-upload-pack", url(&world)))
        .basic_auth("x-access-token", Some(world.full_token().await))
        .header(CONTENT_TYPE, "application/x-git-upload-pack-request")
        .header(CONTENT_ENCODING, "gzip")
        .header("git-protocol", "version=2")
        .body(encoder.finish().expect("gzip"))
        .send()
        .await
        .expect("answer");
    assert_eq!(answer.status(), 200);
    assert!(
        answer
            .text()
            .await
            .expect("text")
            .contains("refs/heads/main")
    );
}

#[tokio::test]
async fn names_that_would_leave_the_directory_are_refused() {
    let world = World::start().await;
    for name in ["..", ".", "a/b", "-x", "", "api", "a b"] {
        assert!(
            world
                .sim
                .create_repository("octo", name, &[])
                .await
                .is_err(),
            "{name}"
        );
    }
    let twice = world
        .sim
        .create_repository("octo", "demo", &[("a", "b")])
        .await;
    assert!(twice.is_err());
    assert!(
        world
            .sim
            .file_at(REPO, "main", "README.md")
            .await
            .expect("file")
            .is_some()
    );
}

#[tokio::test]
async fn a_push_too_large_for_one_buffer_arrives_whole() {
    let world = World::start().await;
    let token = world.full_token().await;
    let work = cloned(&world, &token).await;
    // Numbers that do not compress, so that git sends them in chunks of unknown total length.
    let mut state = 1_u32;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()
    })
    .take(750_000)
    .flatten()
    .collect();
    std::fs::write(work.join("noise"), &noise).expect("write");
    for arguments in [&["add", "-A"][..], &["commit", "-m", "Noise"]] {
        assert!(git(&work, None, arguments).await.0);
    }
    let (ok, text) = git(&work, Some(&token), &["push", "origin", "topic/one"]).await;
    assert!(ok, "{text}");
    let kept = world
        .sim
        .file_at(REPO, "topic/one", "noise")
        .await
        .expect("file");
    assert!(kept.is_some_and(|kept| kept == noise));
}
