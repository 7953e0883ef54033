//! The ways in which people ask, and what becomes of requests that GitHub could not bring.

use std::time::Duration;

use domain::{CommitSha, Verdict};
use jiff::SignedDuration;
use serde_json::{Value, json};
use simgithub::{Fault, FaultRule};
use testkit::{IMPLEMENT, INVESTIGATE};

use crate::{
    ingress_support::{DELIVERIES, Hook, eventually},
    support::{ADA, HONEST_AGENT, REPOSITORY, RON, World},
};

fn started(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Starting { .. })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_almost_a_command_is_answered_to_whoever_may_ask() {
    let world = World::quiet().await;
    let stranger = world.ask(RON, "bot: implement").await;
    let ignored = |verdict: &Verdict| *verdict == Verdict::Ignored;
    world.verdict_is(&stranger.guid, ignored).await;
    world.ask(ADA, "bot: implement").await;
    world.bot_says("Write `bot:implement`").await;
    assert!(world.runs(IMPLEMENT).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_comment_starts_what_it_newly_asks_for() {
    let world = World::quiet().await;
    let comment = world.comment(ADA, "Please implement this.").await;
    let github = world.github();
    let changed = github.edit_comment(comment, ADA, "bot:implement");
    changed.await.unwrap();
    let hook = world.newest_hook("edited").await;
    assert_eq!(world.caller().deliver(&hook).await, 202);
    world.has_started(&hook.guid, IMPLEMENT).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_text_of_a_new_issue_starts_what_it_asks_for() {
    let mut world = World::settled().await;
    let github = world.github();
    let opened = github.open_issue(REPOSITORY, ADA, "Why?", "It is slow.\n\nbot:investigate");
    world.issue = opened.await.unwrap();
    world
        .run_is(INVESTIGATE, 1, |run| run.finished().is_none())
        .await;
}

/// What GitHub sends when `hook`'s item is changed: `changes` holds what stood there before.
fn edited(hook: &Hook, guid: &str, body: &str, changes: Value) -> Hook {
    let mut document: Value = serde_json::from_slice(&hook.body).unwrap();
    document["action"] = json!("edited");
    document["issue"]["body"] = json!(body);
    document["changes"] = changes;
    Hook {
        guid: guid.to_owned(),
        ..hook.with_body(document.to_string())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_issue_starts_what_it_newly_asks_for() {
    let mut world = World::quiet().await;
    world.next_issue().await;
    let opened = world.newest_hook("opened").await;
    let (before, now) = ("Please mend it.", "Please mend it.\n\nbot:implement");
    let text = edited(&opened, "text", now, json!({ "body": { "from": before } }));
    assert_eq!(world.caller().deliver(&text).await, 202);
    world.has_started(&text.guid, IMPLEMENT).await;
    world.ask(ADA, "bot:stop").await;
    world.bot_says("`implement` was stopped").await;

    // The command stood there before: whoever changes something else does not ask for it again.
    let title = edited(&opened, "title", now, json!({ "title": { "from": "It" } }));
    let more = format!("{now}\n\nAnd soon.");
    let more = edited(&opened, "more", &more, json!({ "body": { "from": now } }));
    for hook in [title, more] {
        assert_eq!(world.caller().deliver(&hook).await, 202);
    }
    world.queue_holds(DELIVERIES, 0, 0).await;
    assert_eq!(world.runs(IMPLEMENT).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_text_of_a_new_pull_request_asks_about_its_newest_commit() {
    let mut world = World::quiet().await;
    let asked = world.ask(ADA, "bot:implement").await;
    let daemon = world.daemon(HONEST_AGENT);
    world.bot_says("`implement` succeeded").await;
    drop(daemon);
    let pull = world.one_pull().await;
    let ada: Value = serde_json::from_slice(&asked.body).unwrap();
    let opened = world.newest_hook("opened").await;
    assert_eq!(opened.event, "pull_request");
    let mut document: Value = serde_json::from_slice(&opened.body).unwrap();
    document["sender"] = ada["sender"].clone();
    document["pull_request"]["performed_via_github_app"] = Value::Null;
    document["pull_request"]["body"] = json!("Is this right?\n\nbot:investigate");
    let by_a_person = Hook {
        guid: "by-a-person".to_owned(),
        ..opened.with_body(document.to_string())
    };
    assert_eq!(world.caller().deliver(&by_a_person).await, 202);
    world.issue = pull.number;
    world.has_started(&by_a_person.guid, INVESTIGATE).await;
    let run = world.runs(INVESTIGATE).await.remove(0);
    let head = document["pull_request"]["head"]["sha"].as_str();
    let decided = run.head().target().revision();
    assert_eq!(decided.map(CommitSha::as_str), head);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_label_counts_in_any_case_and_with_signs_that_nobody_sees() {
    let mut world = World::quiet().await;
    for label in [
        "Bot:Investigate",
        "BOT:INVESTIGATE",
        "bot:\u{200b}investi\u{2060}gate",
    ] {
        world.next_issue().await;
        let hook = world.unsent_label(ADA, label).await;
        assert_eq!(world.caller().deliver(&hook).await, 202, "{label:?}");
        world.has_started(&hook.guid, INVESTIGATE).await;
    }
    world.next_issue().await;
    let other = world.unsent_label(ADA, "robot:investigate").await;
    assert_eq!(world.caller().deliver(&other).await, 202);
    world.queue_holds(DELIVERIES, 0, 0).await;
    assert!(world.runs(INVESTIGATE).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_brought_is_asked_for_when_the_stack_is_up_again() {
    let world = World::settled().await;
    let tick = async || drop(world.stack.tick().await.unwrap());
    tick().await;
    world.advance(SignedDuration::from_mins(6));
    // Nobody listens there.
    let nowhere = "http://127.0.0.1:9/".parse().unwrap();
    world.github().set_webhook_url(Some(nowhere));
    let asked = world.comment(ADA, "bot:implement").await;
    let guid = world.guid_of_comment(asked).await;
    eventually("the webhook is lost", async || {
        let all = world.github().deliveries().await.unwrap();
        let lost = all.into_iter().find(|one| one.guid == guid)?;
        lost.status.filter(|status| status != "OK").map(drop)
    })
    .await;

    let url = world.stack.url().join("webhooks/github").unwrap();
    world.github().set_webhook_url(Some(url));
    world.advance(SignedDuration::from_mins(6));
    tick().await;
    world.has_started(&guid, IMPLEMENT).await;
    // It has arrived, so that nobody asks for it once more.
    let sent = async || {
        let all = world.github().deliveries().await.unwrap();
        all.iter().filter(|one| one.guid == guid).count()
    };
    let before = sent().await;
    world.advance(SignedDuration::from_mins(6));
    tick().await;
    assert_eq!(sent().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_github_does_not_bring_again_keeps_nothing_else_from_coming() {
    let world = World::settled().await;
    let look = async || {
        world.advance(SignedDuration::from_mins(6));
        drop(world.stack.tick().await.unwrap());
    };
    look().await;
    world.advance(SignedDuration::from_mins(6));
    // Nobody listens there.
    let nowhere = "http://127.0.0.1:9/".parse().unwrap();
    world.github().set_webhook_url(Some(nowhere));
    let (mut guids, mut refused) = (Vec::new(), 0);
    for text in ["bot:investigate", "bot:stop", "bot:implement"] {
        let asked = world.comment(ADA, text).await;
        let guid = world.guid_of_comment(asked).await;
        let id = eventually("the webhook is lost", async || {
            let all = world.github().deliveries().await.unwrap();
            let lost = all.into_iter().find(|one| one.guid == guid)?;
            lost.status.filter(|status| status != "OK").map(|_| lost.id)
        });
        if text == "bot:stop" {
            refused = id.await;
        } else {
            id.await;
        }
        guids.push(guid);
    }
    let again = format!("/api/v3/app/hook/deliveries/{refused}/attempts");
    let rule = FaultRule::new(&again, 9, Fault::Status(422));
    world.github().faults().add(rule);
    let met = || 9 - world.github().faults().pending()[0].times;
    look().await;
    assert_eq!(met(), 1);
    // The others fail once more, so that everything is looked at anew.
    look().await;
    assert_eq!(met(), 1, "it counts as lost");

    let url = world.stack.url().join("webhooks/github").unwrap();
    world.github().set_webhook_url(Some(url));
    look().await;
    world.has_started(&guids[0], INVESTIGATE).await;
    world.has_started(&guids[2], IMPLEMENT).await;
    assert_eq!(met(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_short_wait_that_github_asks_for_is_made_at_once() {
    let world = World::quiet().await;
    let retry_after = Some(Duration::from_secs(1));
    let fault = Fault::SecondaryLimit { retry_after };
    let permission = "/api/v3/repos/*/collaborators/*/permission";
    let rule = FaultRule::new(permission, 1, fault).method("GET");
    world.github().faults().add(rule);
    let hook = world.ask(ADA, "bot:implement").await;
    world.verdict_is(&hook.guid, started).await;
    world.all_struck().await;
    world.queue_holds(DELIVERIES, 0, 0).await;
}
