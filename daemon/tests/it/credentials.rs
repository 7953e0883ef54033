//! Where credentials are and where they are not.

use std::{os::unix::fs::PermissionsExt, path::Path};

use domain::Outcome;
use testkit::IMPLEMENT;

use crate::support::{BRANCH, JOB_TOKEN, LEASE_TOKEN, Scene, Setup, git};

// Writes down what every git process is told before it becomes git.
fn listening_git(folder: &Path) {
    let script = r#"#!/bin/sh
here=$(dirname "$0")
printf '%s\n' "$*" >> "$here/arguments"
test -e /proc/self/fd/3 && test -S /proc/self/fd/3 && printf '%s\n' "$1" >> "$here/with-token"
env | grep -i git-token >> "$here/elsewhere"
PATH=$(printf '%s' "$PATH" | cut -d: -f2-) exec git "$@"
"#;
    let at = folder.join("git");
    std::fs::write(&at, script).unwrap();
    std::fs::set_permissions(&at, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[tokio::test]
async fn the_token_is_with_the_git_process_that_needs_it_and_nowhere_else() {
    let bin = tempfile::tempdir().unwrap();
    listening_git(bin.path());
    let agent = r#"
        echo hello > greeting.txt
        cat .git/config > "$SCENE/config"
        env > "$SCENE/seen"
        cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline >> "$SCENE/seen" 2> /dev/null
        grep -r -a git-token "$SCENE/daemons" >> "$SCENE/seen" 2> /dev/null
        true
    "#;
    let setup = Setup {
        path: Some(bin.path().to_owned()),
        ..Setup::new(IMPLEMENT, agent)
    };
    let scene = Scene::start(setup).await;
    let finished = scene.finished().await;
    assert!(
        matches!(finished.outcome, Outcome::Succeeded { .. }),
        "{finished:?}"
    );
    let tokens = scene.platform.look(|state| state.git_tokens.clone());
    assert_eq!(tokens.len(), 2, "one for the clone and one for the push");
    let seen = std::fs::read(scene.folder.path().join("seen")).unwrap();
    let seen = String::from_utf8_lossy(&seen);
    let arguments = std::fs::read_to_string(bin.path().join("arguments")).unwrap();
    for token in tokens
        .iter()
        .map(String::as_str)
        .chain([JOB_TOKEN, LEASE_TOKEN])
    {
        assert!(!seen.contains(token), "the agent sees {token}");
        assert!(
            !arguments.contains(token) && !scene.told("config").contains(token),
            "{token}"
        );
    }
    let with_token = std::fs::read_to_string(bin.path().join("with-token")).unwrap();
    assert_eq!(with_token, "clone\nls-remote\npush\n");
    let elsewhere = std::fs::read_to_string(bin.path().join("elsewhere")).unwrap();
    assert_eq!(elsewhere, "");
    let accesses = scene.platform.look(|state| state.git_accesses.clone());
    assert_eq!(accesses, ["read", "write"]);
    assert!(
        scene.hub.state.lock().tokens.is_empty(),
        "every token is revoked after use"
    );
}

#[tokio::test]
async fn the_token_is_not_given_to_another_address() {
    let scene = Scene::prepare(&Setup::new(IMPLEMENT, "")).await;
    // A provider at another port that sends every clone elsewhere.
    let elsewhere = scene.hub.address.clone();
    let moved = axum::Router::new().fallback(move |uri: axum::http::Uri| {
        let to = format!("{elsewhere}{uri}");
        async move { axum::response::Redirect::permanent(&to) }
    });
    let mut setup = Setup::new(IMPLEMENT, "echo hello > greeting.txt");
    setup.git_address = Some(crate::support::serve(moved).await);
    let mut scene = scene;
    scene.run(setup);
    assert_eq!(scene.failure().await, domain::FailureKind::CloneFailed);
    assert!(scene.hub.state.lock().requests.is_empty());
}

#[tokio::test]
async fn a_token_of_the_operators_is_never_revoked_and_commits_stay_the_bots() {
    // It looks like no credential.
    let token = "words-of-the-operator";
    let agent = "echo hello > greeting.txt; echo 'It is words-of-the-operator' > leaks.txt; \
                 echo 'Says words-of-the-operator' > \"$SWITCHYARD_OUTPUT/summary.md\"";
    let setup = Setup::new(IMPLEMENT, agent);
    let mut scene = Scene::prepare(&setup).await;
    scene
        .platform
        .change(|state| state.operators_token = Some(token));
    scene.run(setup);
    let missing = scene.pull().await.1.unwrap();
    assert_eq!(missing.names(), ["leaks.txt (a secret of this platform)"]);
    assert_eq!(scene.hub.state.lock().tokens, [token]);
    let names = ["log", "-1", "--format=%an %cn", BRANCH];
    let names = git(&scene.hub.repository(), &names);
    assert_eq!(names, "switchyard[bot] switchyard[bot]\n");
    let sent = scene.hub.state.lock().pulls[0].to_string();
    assert!(!sent.contains(token), "{sent}");
}
