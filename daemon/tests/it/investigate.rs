//! From a question to findings.

use contract::worker::FINDINGS_LIMIT;
use domain::{Deliverable, FailureKind, ItemKind, Outcome};
use testkit::INVESTIGATE;

use crate::support::{Scene, Setup};

#[tokio::test]
async fn findings_come_back_and_nothing_is_changed() {
    let agent = r#"
        echo evil > greeting.txt; git commit -q -a -m evil
        grep -q 'Investigate the question' || exit 9
        printf '# Found\n\n`greeting.txt` says goodbye.\n' > "$SWITCHYARD_OUTPUT/findings.md"
    "#;
    let scene = Scene::start(Setup::new(INVESTIGATE, agent)).await;
    let finished = scene.finished().await;
    assert_eq!(
        finished.outcome,
        Outcome::Succeeded {
            deliverable: Deliverable::Findings
        }
    );
    assert_eq!(
        finished.findings.as_deref(),
        Some("# Found\n\n`greeting.txt` says goodbye.\n")
    );
    assert_eq!(scene.hub.branches(), ["main"]);
    assert!(scene.hub.state.lock().pulls.is_empty());
    assert_eq!(scene.platform.look(|state| state.git_tokens.len()), 1);
}

#[tokio::test]
async fn a_pull_request_is_looked_at_as_it_is() {
    let agent = r#"git status > "$SCENE/status"; cp greeting.txt "$SWITCHYARD_OUTPUT/findings.md""#;
    let setup = Setup {
        kind: ItemKind::PullRequest,
        ..Setup::new(INVESTIGATE, agent)
    };
    let scene = Scene::start(setup).await;
    assert_eq!(
        scene.finished().await.findings.as_deref(),
        Some("goodbye\n")
    );
    assert!(scene.told("status").contains("HEAD detached"));
}

#[tokio::test]
async fn last_words_will_do_and_nothing_will_not() {
    let words = r#"echo '{"type":"result","summary":"It says goodbye."}'"#;
    let scene = Scene::start(Setup::new(INVESTIGATE, words)).await;
    assert_eq!(
        scene.finished().await.findings.as_deref(),
        Some("It says goodbye.")
    );
    let scene = Scene::start(Setup::new(INVESTIGATE, "echo it says goodbye")).await;
    assert_eq!(scene.failure().await, FailureKind::NoFindings);
}

#[tokio::test]
async fn endless_findings_are_cut() {
    let agent = r#"yes word | head -c 3000000 > "$SWITCHYARD_OUTPUT/findings.md""#;
    let scene = Scene::start(Setup::new(INVESTIGATE, agent)).await;
    let findings = scene.finished().await.findings.unwrap();
    assert!(findings.len() <= FINDINGS_LIMIT && findings.contains("Cut off here"));
}
