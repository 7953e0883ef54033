//! What it costs, exactly, where nothing depends on who is quicker. Whole jobs are counted by a bench.

use std::collections::BTreeMap;

use domain::Run;
use serde_json::{Value, json};
use testkit::IMPLEMENT;

use crate::{
    ingress_support::{DELIVERIES, Hook, eventually},
    support::{ADA, World},
};

fn calls(all: &[(&str, u64)]) -> BTreeMap<String, u64> {
    let named = all.iter().map(|(name, times)| ((*name).to_owned(), *times));
    named.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_echo_uses_nothing_and_idle_talk_one_write() {
    let world = World::quiet().await;
    let hook = world.unsent(ADA, "### is at work").await;
    let mut document: Value = serde_json::from_slice(&hook.body).unwrap();
    document["sender"]["type"] = json!("Bot");
    let echo = Hook {
        guid: "echo".to_owned(),
        ..hook.with_body(document.to_string())
    };
    assert_eq!(world.caller().deliver(&echo).await, 202);
    let counts = world.stack.endpoints().meter().counts();
    assert_eq!(counts.dynamodb.requests, 0, "{counts:?}");
    assert_eq!(world.asked_of(DELIVERIES, "SendMessage"), 0);

    world.ask(ADA, "Thanks!").await;
    eventually("the message is taken away", async || {
        (world.asked_of(DELIVERIES, "DeleteMessageBatch") == 1).then_some(())
    })
    .await;
    let used = world.stack.endpoints().meter().counts().dynamodb;
    assert!(used.write <= 1.0 && used.read <= 1.0, "{used:?}");
    assert_eq!(world.calls_of("relay"), calls(&[]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_read_for_what_happens_to_it_and_written_for_its_comment_and_its_end() {
    let world = World::quiet().await;
    world.ask(ADA, "bot:implement").await;
    let announced = |run: &Run| run.is_announced();
    world.run_is(IMPLEMENT, 1, announced).await;
    world.ask(ADA, "bot:stop").await;
    world.bot_says("`implement` was stopped").await;
    world.is_told(IMPLEMENT).await;
    let mut called = world.calls_of("relay");
    // Its beginning, that it is to end and its end are three changes, of which some may come together. For each, the place,
    // the head and the step are read, and the head again after a post.
    let read = called.remove("GetItem").unwrap();
    assert!((5..=12).contains(&read), "{read} reads, and {called:?}");
    let put = called.remove("PutItem").unwrap();
    // Who posts, the comment, its end, and that nothing is left to do; another call may have met who posts.
    assert!((4..=5).contains(&put), "{put} writes");
    assert_eq!(called.remove("Query"), None, "nobody was at work");
}
