//! Pushes that GitHub examines and refuses, with its own words.

use std::path::PathBuf;

use switchyard_simgithub::{Setting, SimGitHub};

use crate::support::{REPO, World, client, config, git};

/// A clone in which `files` are committed on a branch.
async fn work(world: &World, token: &str, files: &[(&str, &[u8])]) -> PathBuf {
    let url = format!("{}octo/demo.git", world.sim.git_url());
    let directory = world.directory.path();
    let (ok, text) = git(directory, Some(token), &["clone", &url, "work"]).await;
    assert!(ok, "{text}");
    let work = directory.join("work");
    commit(&work, files).await;
    work
}

async fn commit(work: &std::path::Path, files: &[(&str, &[u8])]) {
    for (path, content) in files {
        let path = work.join(path);
        std::fs::create_dir_all(path.parent().expect("parent")).expect("directory");
        std::fs::write(path, content).expect("write");
    }
    for arguments in [&["add", "-A"][..], &["commit", "-m", "Change"]] {
        let (ok, text) = git(work, None, arguments).await;
        assert!(ok, "{text}");
    }
}

#[tokio::test]
async fn a_workflow_needs_a_permission_of_its_own() {
    let world = World::start().await;
    let token = world.full_token().await;
    let path = ".github/workflows/ci.yml";
    let work = work(&world, &token, &[(path, b"on: push\n")]).await;
    let (ok, text) = git(&work, Some(&token), &["push", "origin", "HEAD:one"]).await;
    let words = "(refusing to allow a GitHub App to create or update workflow \
                 `.github/workflows/ci.yml` without `workflows` permission)";
    assert!(!ok && text.contains(words), "{text}");
    let head = world.sim.branch_head(REPO, "one").await.expect("head");
    assert_eq!(head, None);
}

#[tokio::test]
async fn a_workflow_is_taken_with_the_permission_and_what_is_known_needs_none() {
    let directory = tempfile::tempdir().expect("directory");
    let time = std::sync::Arc::new(std::sync::atomic::AtomicI64::new(crate::support::NOW));
    let mut config = config(directory.path(), &time);
    let write = "write".to_owned();
    config.app.permissions.insert("workflows".to_owned(), write);
    let sim = SimGitHub::start(config).await.expect("start");
    let made = sim.create_repository("octo", "demo", &[("a", "b")]).await;
    made.expect("repository");
    let world = World {
        sim,
        client: client(),
        time,
        directory,
    };
    let token = world.full_token().await;
    let path = ".github/workflows/ci.yml";
    let work = work(&world, &token, &[(path, b"on: push\n")]).await;
    let (ok, text) = git(&work, Some(&token), &["push", "origin", "HEAD:one"]).await;
    assert!(ok, "{text}");
    let plain = world.token(&[("contents", "write")]).await;
    commit(&work, &[("b", b"c")]).await;
    let (ok, text) = git(&work, Some(&plain), &["push", "origin", "HEAD:two"]).await;
    assert!(ok, "{text}");
}

#[tokio::test]
async fn a_file_that_is_too_large_is_refused_and_a_large_one_warned_of() {
    let directory = tempfile::tempdir().expect("directory");
    let time = std::sync::Arc::new(std::sync::atomic::AtomicI64::new(crate::support::NOW));
    let mut config = config(directory.path(), &time);
    config.file_limit = 2 * 1024 * 1024;
    let sim = SimGitHub::start(config).await.expect("start");
    let made = sim.create_repository("octo", "demo", &[("a", "b")]).await;
    made.expect("repository");
    let world = World {
        sim,
        client: client(),
        time,
        directory,
    };
    let token = world.full_token().await;
    let large = vec![0; 3 * 512 * 1024];
    let work = work(&world, &token, &[("some dir/large.bin", &large)]).await;
    let (ok, text) = git(&work, Some(&token), &["push", "origin", "HEAD:one"]).await;
    assert!(ok, "{text}");
    assert!(
        text.contains(
            "warning: File some dir/large.bin is 1.50 MB; this is larger than GitHub's recommended"
        ),
        "{text}"
    );
    let huge = vec![1; 3 * 1024 * 1024];
    commit(&work, &[("huge.bin", &huge)]).await;
    let (ok, text) = git(&work, Some(&token), &["push", "origin", "HEAD:two"]).await;
    assert!(!ok && text.contains("pre-receive hook declined"), "{text}");
    let words = "error: File huge.bin is 3.00 MB; this exceeds GitHub's file size limit of 2.00 MB";
    assert!(text.contains(words), "{text}");
    assert!(text.contains("GH001: Large files detected."), "{text}");
}

#[tokio::test]
async fn a_secret_is_refused_where_pushes_are_protected() {
    let world = World::start().await;
    let token = world.full_token().await;
    let secret = format!("key = {}{}\n", "AKIA", "ABCDEFGHIJKLMNOP");
    let work = work(&world, &token, &[("conf.ini", secret.as_bytes())]).await;
    let on = world.sim.turn_on(REPO, Setting::PushProtection);
    on.await.expect("set");
    let push = async || git(&work, Some(&token), &["push", "origin", "HEAD:one"]).await;
    let (ok, text) = push().await;
    let words = "(push declined due to repository rule violations)";
    assert!(!ok && text.contains(words), "{text}");
    assert!(text.contains("GH013: Repository rule violations found for refs/heads/one."));
    assert!(text.contains("path: conf.ini:1"), "{text}");
    let off = world.sim.turn_off(REPO, Setting::PushProtection);
    off.await.expect("set");
    assert!(push().await.0);
}

#[tokio::test]
async fn protected_and_ruled_branches_say_which_they_are() {
    let world = World::start().await;
    let token = world.full_token().await;
    let work = work(&world, &token, &[("new", b"1\n")]).await;
    let on = world.sim.turn_on(REPO, Setting::Protected);
    on.await.expect("set");
    let (ok, text) = git(&work, Some(&token), &["push", "origin", "HEAD:main"]).await;
    assert!(
        !ok && text.contains("(protected branch hook declined)"),
        "{text}"
    );
    let words = "GH006: Protected branch update failed for refs/heads/main.";
    assert!(text.contains(words), "{text}");
    world.sim.set_rule(REPO, Some("rel/*")).await.expect("rule");
    let (ok, text) = git(&work, Some(&token), &["push", "origin", "HEAD:rel/1"]).await;
    assert!(
        !ok && text.contains("due to repository rule violations"),
        "{text}"
    );
    let words = "GH013: Repository rule violations found for refs/heads/rel/1.";
    assert!(text.contains(words), "{text}");
    let (ok, text) = git(&work, Some(&token), &["push", "origin", "HEAD:one"]).await;
    assert!(ok, "{text}");
}
