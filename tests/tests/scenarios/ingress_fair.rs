//! One repository's trouble is not another's.

use aws_sdk_sqs::types::MessageSystemAttributeName;
use serde_json::json;
use simgithub::{Comment, Fault, FaultRule, Permission};
use testkit::IMPLEMENT;

use crate::{
    ingress_comment::{everything, fresh_relay},
    ingress_support::{JOBS, eventually},
    support::{ADA, REPOSITORY, RON, World},
};

const OTHER: &str = "octo-demo/gadgets";

/// A second repository of the same owner, and an issue in it.
async fn second_repository(world: &World) -> u64 {
    let github = world.github();
    let files = [("README.md", "# Gadgets\n")];
    let made = github.create_repository("octo-demo", "gadgets", &files);
    made.await.unwrap();
    let permission = github.set_permission(OTHER, ADA, Permission::Write);
    permission.await.unwrap();
    let opened = github.open_issue(OTHER, ADA, "It squeaks", "Please oil it.");
    opened.await.unwrap()
}

async fn comments_there(world: &World, issue: u64) -> Vec<Comment> {
    let all = world.github().comments(OTHER, issue).await.unwrap();
    all.into_iter().filter(|one| one.via_app).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_that_github_fails_on_holds_up_no_other() {
    let world = World::start().await;
    let there = second_repository(&world).await;
    let path = "/api/v3/repos/octo-demo/gadgets/issues/*/comments";
    let rule = FaultRule::new(path, u32::MAX, Fault::Status(503)).method("POST");
    world.github().faults().add(rule);
    let failed = || {
        let all = world.github().requests().into_iter();
        all.filter(|one| one.method == "POST" && one.path.contains("/gadgets/issues/"))
            .filter(|one| one.path.ends_with("/comments"))
            .count()
    };
    // A run and answers to refusals: nobody can be told of either.
    for (person, text) in [
        (ADA, "bot:implement"),
        (ADA, "bot:implement"),
        (RON, "bot:implement"),
    ] {
        let before = failed();
        let asked = world.github().comment(OTHER, there, person, text);
        asked.await.unwrap();
        eventually("GitHub fails on the other repository", async || {
            (failed() > before).then_some(())
        })
        .await;
    }

    world.comment(ADA, "bot:implement").await;
    world.bot_says("`implement` is queued").await;
    world.comment(ADA, "bot:stop").await;
    world.bot_says("`implement` was stopped").await;
    let records = everything(&world).await;
    let event = serde_json::from_value(json!({ "Records": records })).unwrap();
    let answer = relay::handle(&fresh_relay(&world), event).await;
    assert!(answer.batch_item_failures.is_empty(), "{answer:?}");
    assert_eq!(world.messages_in("RelayFailuresQueue").await, (0, 0));
    assert!(comments_there(&world, there).await.is_empty());

    world.github().faults().clear();
    world.advance(jiff::SignedDuration::from_mins(5));
    world.stack.tick().await.unwrap();
    eventually("all of it is told once GitHub is back", async || {
        let all = comments_there(&world, there).await;
        let says = |text: &str| all.iter().any(|one| one.body.contains(text));
        (says("`implement` is queued") && says("already at work here")).then_some(())
    })
    .await;
}

/// SQS gives each group its turn, so a repository that asks for much does not hold up one that asks for little.
#[tokio::test(flavor = "multi_thread")]
async fn the_jobs_of_each_repository_are_a_group_of_their_own() {
    let world = World::start().await;
    let there = second_repository(&world).await;
    let asked = world.github().comment(OTHER, there, ADA, "bot:implement");
    asked.await.unwrap();
    world.comment(ADA, "bot:implement").await;
    world.comment(ADA, "bot:investigate").await;
    world.queue_holds(JOBS, 3, 0).await;

    let request = world.sqs().receive_message();
    let request = request.queue_url(&world.queue(JOBS).url);
    let request = request.message_system_attribute_names(MessageSystemAttributeName::All);
    let answer = request.max_number_of_messages(10).send().await.unwrap();
    let messages = answer.messages.unwrap();
    let mut groups: Vec<String> = messages
        .into_iter()
        .map(|one| one.attributes.unwrap()[&MessageSystemAttributeName::MessageGroupId].clone())
        .collect();
    groups.sort();
    let github = world.github();
    let id = async |repository: &str, issue: u64| {
        let found = github.issue(repository, issue).await;
        found.unwrap().repository_id
    };
    let (here, other) = (id(REPOSITORY, world.issue).await, id(OTHER, there).await);
    let mut expected = [here, here, other].map(|id| format!("ten_default.{id}"));
    expected.sort();
    assert_eq!(groups, expected);
    assert_eq!(world.runs(IMPLEMENT).await.len(), 1);
}
