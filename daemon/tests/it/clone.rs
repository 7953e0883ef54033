//! What an agent finds in its clone.

use std::num::NonZeroU32;

use domain::{FailureKind, ItemKind};
use switchyard_daemon::History;
use testkit::INVESTIGATE;

use crate::support::{Scene, Setup};

const HISTORY: &str = "git checkout -q -b older; git checkout -q main; \
     for n in 1 2 3 4 5 6; do git commit -q --allow-empty -m $n; done; git tag v1 HEAD~2; git tag v0 HEAD~5";

fn newest(commits: u32) -> History {
    NonZeroU32::new(commits).map_or(History::Whole, History::Newest)
}

fn look(agent: &str) -> Setup {
    Setup::new(
        INVESTIGATE,
        &format!(
            "{{ {agent}; }} > \"$SCENE/seen\" 2>&1; echo seen > \"$SWITCHYARD_OUTPUT/findings.md\""
        ),
    )
}

#[tokio::test]
async fn history_is_as_deep_as_it_is_set_and_comes_with_its_tags() {
    for (depth, commits, described) in [(0, "7", "v1-2-g"), (4, "4", "v1-2-g"), (1, "1", "")] {
        let setup = Setup {
            history: newest(depth),
            ..look(
                "git rev-list --count HEAD; git describe --tags || true; git remote get-url origin",
            )
        };
        let mut scene = Scene::prepare(&setup).await;
        scene.hub.change(HISTORY);
        scene.run(setup);
        scene.finished().await;
        let seen = scene.told("seen");
        let mut lines = seen.lines();
        assert_eq!(lines.next(), Some(commits), "{seen}");
        assert!(lines.next().unwrap().starts_with(described), "{seen}");
        assert_eq!(
            seen.lines().last().unwrap(),
            format!("{}/octo/widgets.git", scene.hub.address)
        );
    }
}

#[tokio::test]
async fn a_pull_request_comes_with_where_it_left_the_default_branch() {
    let setup = Setup {
        kind: ItemKind::PullRequest,
        ..look(
            "git merge-base HEAD origin/main; git log -1 --format=%s; git diff --stat origin/main...HEAD",
        )
    };
    let mut scene = Scene::prepare(&setup).await;
    scene.hub.change(HISTORY);
    scene.hub.change(
        "git checkout -q older; echo x > x.txt; git add -A; git commit -q -m theirs; git checkout -q main; \
         git push -q ../octo/widgets.git older:refs/pull/7/head",
    );
    scene.run(setup);
    scene.finished().await;
    let first = ["rev-parse", "main~6"];
    let first = crate::support::git(&scene.hub.repository(), &first);
    let seen = scene.told("seen");
    assert!(seen.starts_with(&format!("{first}theirs\n")), "{seen}");
    assert!(seen.contains("x.txt"), "{seen}");
}

#[tokio::test]
async fn what_cannot_be_cloned_says_why() {
    let mut empty = Scene::prepare(&look("true")).await;
    empty.hub.empty();
    empty.run(look("true"));
    assert_eq!(empty.failure().await, FailureKind::RepositoryEmpty);

    let mut headless = Scene::prepare(&look("true")).await;
    headless.hub.change("git branch other");
    let gone = ["update-ref", "-d", "refs/heads/main"];
    crate::support::git(&headless.hub.repository(), &gone);
    headless.run(look("true"));
    assert_eq!(headless.failure().await, FailureKind::BaseGone);

    let setup = Setup {
        kind: ItemKind::PullRequest,
        ..look("true")
    };
    let mut gone = Scene::prepare(&setup).await;
    let head = ["update-ref", "-d", "refs/pull/7/head"];
    crate::support::git(&gone.hub.repository(), &head);
    gone.run(setup);
    assert_eq!(gone.failure().await, FailureKind::RevisionGone);
}

#[tokio::test]
async fn a_name_that_no_disk_takes_fails_the_job_in_words_of_its_own() {
    let long = "x".repeat(300);
    for name in [
        format!("No space left on device {long}"),
        format!("a\nfatal: write error: No space left on device\n{long}"),
        format!("Connection timed out, returned error: 502 {long}"),
        format!("returned error: 404, repository not found {long}"),
    ] {
        for kind in [ItemKind::PullRequest, ItemKind::Issue] {
            let setup = Setup {
                kind,
                ..look("true")
            };
            let mut scene = Scene::prepare(&setup).await;
            scene.hub.change(&format!(
                "file=$(git rev-parse HEAD:README.md); git update-index --add --cacheinfo \"100644,$file,{name}\"; \
                 git commit -q -m long; git push -q ../octo/widgets.git HEAD:refs/pull/7/head"
            ));
            scene.run(setup);
            assert_eq!(scene.failure().await, FailureKind::CheckoutFailed, "{name}");
            scene.end().await;
        }
    }
}
