//! The same delivery many times at once.

use http::StatusCode;
use testkit::INVESTIGATE;
use tokio::task::JoinSet;

use crate::{
    ingress_support::{DELIVERIES, JOBS, eventually},
    support::{ADA, HONEST_AGENT, World},
};

/// Waits until `count` of GitHub's attempts at one delivery were taken.
async fn all_answered(world: &World, guid: &str, count: usize) {
    eventually("each attempt is answered", async || {
        let all = world.github().deliveries().await.unwrap().into_iter();
        let taken = all.filter(|one| one.guid == guid && one.status_code == Some(202));
        (taken.count() == count).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_delivery_twenty_times_at_once_is_one_run() {
    let world = World::quiet().await;
    let hook = world.unsent(ADA, "bot:investigate").await;
    let caller = world.caller();
    let mut posts = JoinSet::new();
    for _ in 0..20 {
        let (caller, hook) = (caller.clone(), hook.clone());
        posts.spawn(async move { caller.deliver(&hook).await });
    }
    for status in posts.join_all().await {
        assert_eq!(status, StatusCode::ACCEPTED);
    }
    // GitHub itself sends it too when asked to.
    let url = world.stack.url().join("webhooks/github").unwrap();
    world.github().set_webhook_url(Some(url));
    for _ in 0..5 {
        world.github().redeliver(&hook.guid).await.unwrap();
    }
    all_answered(&world, &hook.guid, 5).await;
    assert!(world.asked_of(DELIVERIES, "SendMessage") >= 25);
    world.queue_holds(DELIVERIES, 0, 0).await;
    world.has_started(&hook.guid, INVESTIGATE).await;

    let scratch = tempfile::TempDir::new().unwrap();
    let tally = scratch.path().join("tally");
    let script = format!("echo once >> '{}'\n{HONEST_AGENT}", tally.display());
    let daemon = world.daemon(&script);
    world.bot_says("`investigate` succeeded").await;
    let run = world.is_told(INVESTIGATE).await;
    assert_eq!(run.fence().0, 1, "it was claimed once");
    // Every message about the job is dealt with, and none of them made an agent work again.
    world.queue_holds(JOBS, 0, 0).await;
    drop(daemon);
    assert_eq!(std::fs::read_to_string(&tally).unwrap(), "once\n");

    // Long after the work is done it changes nothing either.
    world.github().redeliver(&hook.guid).await.unwrap();
    all_answered(&world, &hook.guid, 6).await;
    world.queue_holds(DELIVERIES, 0, 0).await;
    world.has_started(&hook.guid, INVESTIGATE).await;
    assert_eq!(world.messages_in(JOBS).await, (0, 0));
    world.bot_says("`investigate` succeeded").await;
}
