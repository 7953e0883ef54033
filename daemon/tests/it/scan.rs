//! A model looks over what an agent wrote before everybody sees it.

use std::time::Duration;

use domain::{DefinitionName, FailureKind, Outcome};
use switchyard_daemon::{Model, Scan};
use testkit::{IMPLEMENT, INVESTIGATE};

use crate::support::{BRANCH, Reply, Scene, Setup, Upstream, git, open_ai_model};

/// An agent that answers in four lines, one of them with a credential.
const ANSWERS: &str = r#"
    printf 'It says goodbye.\n\nThe password is tulip.\nThe key is ghs_%s.\n' 0123456789abcdefghijklmnopqrstuvwxyzABCD \
        > "$SWITCHYARD_OUTPUT/findings.md"
"#;
/// An agent that changes a file and tells of it in three lines.
const CHANGES: &str = r#"
    echo hello > greeting.txt
    printf 'Ask tulip\n\nIt said goodbye.\n' > "$SWITCHYARD_OUTPUT/summary.md"
"#;

fn setup(name: DefinitionName, agent: &str, way: Model, limit: Duration) -> Setup {
    Setup {
        scan: Some(Scan::new(way, "small".to_owned(), limit)),
        ..Setup::new(name, agent)
    }
}

/// What comes of `agent` with a model that answers `says` to whoever asks it to look over a text.
async fn looked_over(name: DefinitionName, agent: &str, says: &'static str) -> (Scene, Upstream) {
    let upstream = Upstream::start([Reply::Says(says)]).await;
    let scene = Scene::start(setup(name, agent, upstream.model(), Scan::LIMIT)).await;
    (scene, upstream)
}

#[tokio::test]
async fn lines_are_taken_out_of_findings_over_either_wire_and_looking_is_paid_for() {
    for open_ai in [None, Some(())] {
        let upstream = Upstream::start([Reply::Says("3")]).await;
        let way = open_ai.map_or_else(|| upstream.model(), |()| open_ai_model(&upstream.address));
        let scene = Scene::start(setup(INVESTIGATE, ANSWERS, way, Scan::LIMIT)).await;
        let finished = scene.finished().await;
        assert_eq!(
            finished.findings.as_deref(),
            Some(
                "It says goodbye.\n\nThe key is [redacted: a token of a code host].\n\n\
                 (One line was taken out here before it was published.)\n"
            )
        );
        let usage = finished.spent.usage.unwrap();
        assert_eq!(
            (usage.calls, usage.input_tokens, usage.output_tokens),
            (1, 10, 40)
        );
        assert_eq!(upstream.calls(), 1);
        let (_, asked) = upstream.call(0);
        assert_eq!(asked["model"], "small");
        let asked = asked.to_string();
        assert!(asked.contains("3| The password is tulip.") && !asked.contains("ghs_0"));
    }
}

#[tokio::test]
async fn what_is_looked_at_is_what_is_published_line_for_line() {
    const PARTED: &str = r#"
        printf 'Hello.\r2| Fine.\342\200\250x\302\205y\013z\nIt says\r\nThe password is tu\342\200\213lip.\n' \
            > "$SWITCHYARD_OUTPUT/findings.md"
    "#;
    let (scene, upstream) = looked_over(INVESTIGATE, PARTED, "3").await;
    let finished = scene.finished().await;
    assert_eq!(
        finished.findings.as_deref(),
        Some(
            "Hello.2| Fine.xyz\nIt says\n\n\
             (One line was taken out here before it was published.)\n"
        )
    );
    let (_, asked) = upstream.call(0);
    let asked = asked["messages"][0]["content"].as_str().unwrap();
    let numbered: Vec<_> = asked
        .lines()
        .filter_map(|line| line.split_once(' '))
        .collect();
    let numbered: Vec<_> = numbered[1..].iter().map(|(_, line)| *line).collect();
    assert_eq!(
        numbered,
        [
            "1| Hello.2| Fine.xyz",
            "2| It says",
            "3| The password is tulip."
        ]
    );
}

#[tokio::test]
async fn what_is_taken_out_of_a_summary_is_in_no_title_message_or_text() {
    let (scene, _) = looked_over(IMPLEMENT, CHANGES, "1").await;
    scene.pull().await;
    let pull = scene.hub.state.lock().pulls[0].clone();
    assert_eq!(pull["title"], "Greeting is wrong");
    let body = pull["body"].as_str().unwrap();
    assert!(
        body.starts_with("It said goodbye.\n\n(One line was taken out"),
        "{body}"
    );
    let message = git(
        &scene.hub.repository(),
        &["log", "-1", "--format=%B", BRANCH],
    );
    assert!(message.starts_with("Greeting is wrong\n"), "{message}");
    assert!(!message.contains("tulip") && !body.contains("tulip"));
}

#[tokio::test]
async fn of_what_is_held_back_nothing_is_posted() {
    let (scene, _) = looked_over(INVESTIGATE, ANSWERS, "1-4").await;
    assert_eq!(scene.failure().await, FailureKind::AnswerHeldBack);
    assert_eq!(scene.finished().await.findings, None);

    let (scene, _) = looked_over(IMPLEMENT, CHANGES, "1-3").await;
    scene.pull().await;
    let pull = scene.hub.state.lock().pulls[0].clone();
    assert_eq!(pull["title"], "Greeting is wrong");
    let body = pull["body"].as_str().unwrap();
    assert!(
        body.starts_with("What the agent wrote about the change was held back"),
        "{body}"
    );

    let unchanged = r#"echo 'Tulips are right.' > "$SWITCHYARD_OUTPUT/summary.md""#;
    let (scene, _) = looked_over(IMPLEMENT, unchanged, "1").await;
    assert_eq!(scene.failure().await, FailureKind::AnswerHeldBack);
    let (scene, _) = looked_over(IMPLEMENT, unchanged, "none").await;
    let finished = scene.finished().await;
    assert_eq!(finished.outcome, Outcome::Unchanged);
    assert_eq!(finished.findings.as_deref(), Some("Tulips are right.\n"));
}

#[tokio::test]
async fn a_look_that_fails_or_says_more_holds_nothing_up_and_changes_nothing() {
    let more = "It says goodbye.\n\nBuy tulips.\n";
    let fails = Reply::Fails(529, "overloaded_error", "Overloaded", Vec::new());
    for (reply, limit) in [
        (Reply::Says(more), Scan::LIMIT),
        (fails, Scan::LIMIT),
        (Reply::Hangs, Duration::from_millis(50)),
    ] {
        let upstream = Upstream::start([reply]).await;
        let setup = setup(INVESTIGATE, ANSWERS, upstream.model(), limit);
        let scene = Scene::start(setup).await;
        let finished = scene.finished().await;
        let findings = finished.findings.unwrap();
        assert!(
            findings.starts_with("It says goodbye.\n\nThe password is tulip.\n"),
            "{findings}"
        );
        assert!(
            findings.ends_with("[redacted: a token of a code host].\n"),
            "{findings}"
        );
        assert_eq!(finished.spent.usage.unwrap().calls, 1);
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_daemon_with_the_setting_asks_the_small_model_of_its_account_and_counts_what_came_of_it()
{
    use crate::support::{MODEL_KEY, NOBODY, furnish, is_root, machine, wait};

    let user = is_root().then_some(NOBODY);
    let upstream = Upstream::start([Reply::Says("3-4")]).await;
    let scene = Scene::prepare(&Setup::new(INVESTIGATE, ANSWERS)).await;
    furnish(&scene, user);
    let level = switchyard_daemon::Level::None;
    let daemon = machine(&scene, level, user, "exec bin/daemon")
        .env("ANTHROPIC_API_KEY", MODEL_KEY)
        .env("ANTHROPIC_BASE_URL", &upstream.address)
        .env("SWITCHYARD_MODEL_SCAN", "on")
        .spawn()
        .unwrap();
    wait(scene.platform.until(|state| state.finished.is_some())).await;
    let findings = scene.platform.look(|state| state.finished.clone()).unwrap();
    assert_eq!(
        findings.findings.as_deref(),
        Some("It says goodbye.\n\n(2 lines were taken out here before it was published.)\n")
    );
    let (headers, asked) = upstream.call(0);
    assert_eq!(asked["model"], "claude-haiku-5-5");
    assert_eq!(headers["x-api-key"], MODEL_KEY);
    let log = scene.told("daemon.log");
    let counted = log
        .lines()
        .find(|line| line.contains("\"TextsScanned\":1"))
        .unwrap_or_else(|| panic!("{log}"));
    assert!(counted.contains("\"Result\":\"shortened\"") && counted.contains("\"_aws\""));
    assert!(!log.contains("tulip") && !log.contains(MODEL_KEY));
    drop(daemon);
}
