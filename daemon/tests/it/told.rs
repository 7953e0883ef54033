//! What an agent is told of what people said.

use std::time::Duration;

use domain::{CommitSha, ItemKind, Outcome};
use serde_json::{Value, json};
use testkit::INVESTIGATE;

use crate::support::{ASKED, Scene, Setup, comment, git};

const KEEP: &str = r#"
cat > /dev/null
cp "$SWITCHYARD_PROMPT" "$SCENE/prompt"; cp "$SWITCHYARD_CONTEXT" "$SCENE/context"
git rev-parse HEAD > "$SCENE/head"
echo seen > "$SWITCHYARD_OUTPUT/findings.md"
"#;

fn look(kind: ItemKind) -> Setup {
    Setup {
        kind,
        ..Setup::new(INVESTIGATE, KEEP)
    }
}

fn talk() -> Vec<Value> {
    vec![
        comment(70, "bob", 1, "It began on Monday.<!-- obey -->"),
        comment(ASKED, "ada", 6, "bot:implement"),
        comment(72, "eve", 7, "Not before Monday."),
        comment(73, "ada", 8, "It was Tuesday."),
    ]
}

/// Where each of these stands, which must be in this order.
fn in_order(text: &str, parts: &[&str]) {
    let mut rest = text;
    for part in parts {
        let found = rest.find(part);
        let at = found.unwrap_or_else(|| panic!("{part:?} is not where it should be in {text}"));
        rest = &rest[at + part.len()..];
    }
}

#[tokio::test]
async fn an_issue_comes_with_its_comments_in_order() {
    let mut scene = Scene::prepare(&look(ItemKind::Issue)).await;
    scene.hub.state.lock().comments = talk();
    scene.run(look(ItemKind::Issue));
    let finished = scene.finished().await;
    let prompt = scene.told("prompt");
    in_order(
        &prompt,
        &[
            "Greeting is wrong",
            "It says goodbye.",
            "Comment by bob (collaborator), 2026-11-27 20:01 UTC:\nIt began on Monday.",
            "Comment by ada (who asked), 2026-11-27 20:06 UTC, which is the request:\nbot:implement",
            "Comment by ada (who asked), 2026-11-27 20:08 UTC, said after the request:\nIt was Tuesday.",
        ],
    );
    for hidden in ["obey", "Not before Monday."] {
        assert!(!prompt.contains(hidden), "{prompt}");
        assert!(!scene.told("context").contains(hidden));
    }
    let context: Value = serde_json::from_str(&scene.told("context")).unwrap();
    let comments = &context["conversation"]["comments"]["entries"];
    assert_eq!(
        (&comments[0]["author"], &comments[0]["text"]),
        (&json!("bob"), &json!("It began on Monday."))
    );
    assert_eq!(comments[1]["role"], "request");
    assert_eq!(comments[0]["relation"], "collaborator");
    assert_eq!(
        (&comments[1]["moment"], &comments[2]["moment"]),
        (&json!("before"), &json!("after"))
    );
    assert_eq!(
        (&context["number"], &context["title"]),
        (&json!(7), &json!("Greeting is wrong"))
    );
    // One request, and the commit that was worked on is told.
    let asked = scene.hub.state.lock().asked.clone();
    assert_eq!(asked, ["/repos/octo/widgets/issues/7/comments"]);
    let head = scene.told("head");
    assert_eq!(
        finished.revision.map(String::from).as_deref(),
        Some(head.trim())
    );
}

#[tokio::test]
async fn a_pull_request_comes_with_its_change_and_what_was_said_of_it() {
    let mut scene = Scene::prepare(&look(ItemKind::PullRequest)).await;
    scene.hub.change(
        "git checkout -q -b theirs; echo hello > greeting.txt; git commit -q -a -m theirs; git checkout -q main; \
         git push -q ../octo/widgets.git theirs:refs/pull/7/head",
    );
    let remark = |id: u64, text: &str, first: Option<u64>| {
        let mut one = comment(id, "bob", 5, text);
        one["path"] = json!("greeting.txt");
        one["line"] = json!(1);
        one["in_reply_to_id"] = json!(first);
        one
    };
    {
        let mut state = scene.hub.state.lock();
        state.comments = talk();
        state.reviews = vec![json!({
            "user": {"login": "bob"},
            "submitted_at": "2026-11-27T20:04:00Z",
            "state": "CHANGES_REQUESTED",
            "author_association": "MEMBER",
            "body": "Not polite enough.",
        })];
        state.review_comments = vec![remark(5, "Why hello?", None), remark(6, "Say hi.", Some(5))];
    }
    scene.run(look(ItemKind::PullRequest));
    scene.finished().await;
    in_order(
        &scene.told("prompt"),
        &[
            "What it changes:\ndiff --git a/greeting.txt b/greeting.txt",
            "-goodbye\n+hello\n",
            "Review by bob (member), 2026-11-27 20:04 UTC, which asks for changes:\nNot polite enough.",
            "Comments on line 1 of a file\n\"greeting.txt\"\n",
            "Why hello?",
            "Say hi.",
            "It began on Monday.",
            "which is the request",
        ],
    );
    assert_eq!(scene.hub.state.lock().asked.len(), 5);
}

#[tokio::test]
async fn of_a_pull_request_that_moved_on_what_was_decided_on_is_told() {
    let mut scene = Scene::prepare(&look(ItemKind::PullRequest)).await;
    scene
        .hub
        .change("git checkout -q -b theirs; echo hello > greeting.txt; git commit -q -a -m theirs");
    let decided = git(&scene.hub.repository(), &["rev-parse", "theirs"]);
    let decided: CommitSha = decided.trim().parse().unwrap();
    scene.hub.change(
        "echo moved > greeting.txt; git commit -q -a -m later; git checkout -q main; \
         git push -q ../octo/widgets.git theirs:refs/pull/7/head",
    );
    let any = ["config", "uploadpack.allowAnySHA1InWant", "true"];
    git(&scene.hub.repository(), &any);
    scene
        .platform
        .change(|state| state.payload.as_mut().unwrap().revision = Some(decided.clone()));
    scene.run(look(ItemKind::PullRequest));
    let finished = scene.finished().await;
    assert_eq!(scene.told("head").trim(), decided.as_str());
    let prompt = scene.told("prompt");
    let named = format!(
        "Commit in the current folder: {}; the pull",
        decided.short()
    );
    in_order(&prompt, &[&named, "-goodbye\n+hello\n"]);
    assert!(!prompt.contains("+moved"), "{prompt}");
    assert_eq!(finished.revision, Some(decided));
}

#[tokio::test]
async fn what_cannot_be_read_is_said_and_the_work_goes_on() {
    for status in [403, 404, 500] {
        for kind in [ItemKind::Issue, ItemKind::PullRequest] {
            let patient = || Setup {
                pause: Duration::from_millis(20),
                ..look(kind)
            };
            let mut scene = Scene::prepare(&patient()).await;
            scene.hub.state.lock().mute = Some(status);
            scene.run(patient());
            let finished = scene.finished().await;
            assert!(
                matches!(finished.outcome, Outcome::Succeeded { .. }),
                "{finished:?}"
            );
            let findings = finished.findings.as_deref().unwrap_or_default();
            let said = findings.starts_with(
                "**Not all was known:** GitHub did not let these be read: the comments",
            );
            assert!(said && findings.ends_with("\n\nseen\n"), "{findings}");
            let prompt = scene.told("prompt");
            assert!(
                prompt.contains("The comments could not be read"),
                "{prompt}"
            );
            let asked = scene.hub.state.lock().asked.len();
            match (status, kind) {
                (500, _) => assert!(asked > 6, "{asked}"),
                (_, ItemKind::Issue) => assert_eq!(asked, 6, "no is not yet"),
                (_, ItemKind::PullRequest) => {
                    assert_eq!(asked, 10, "an old token is known everywhere");
                }
            }
            assert!(prompt.contains("Request:\nbot:implement"), "{prompt}");
        }
    }
}
