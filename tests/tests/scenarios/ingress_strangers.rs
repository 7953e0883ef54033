//! People who may not ask, and answers that are hard to give.

use domain::{Refusal, Verdict};
use jiff::SignedDuration;
use simgithub::{Fault, FaultRule};

use crate::{
    ingress_support::{DELIVERIES, eventually},
    support::{ADA, RON, World},
};

const COMMENTS: &str = "/api/v3/repos/*/issues/*/comments";

fn refused(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Refused { .. })
}

#[tokio::test(flavor = "multi_thread")]
async fn however_often_a_stranger_asks_there_is_one_comment_at_most() {
    let world = World::quiet().await;
    for _ in 0..25 {
        let hook = world.ask(RON, "bot:implement").await;
        world.verdict_is(&hook.guid, refused).await;
    }
    world.bot_says("Only people who may write").await;
    let signs = || {
        let all = world.github().requests().into_iter();
        let reactions = all.filter(|one| one.method == "POST" && one.path.ends_with("/reactions"));
        reactions.count()
    };
    eventually("signs are given", async || (signs() >= 2).then_some(())).await;
    assert!(
        signs() <= 22,
        "what an installation may write is not used up"
    );
    world.bot_says("Only people who may write").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_on_many_issues_are_not_all_answered() {
    let mut world = World::quiet().await;
    let mut words = 0;
    for _ in 0..12 {
        world.next_issue().await;
        let hook = world.ask(RON, "bot:implement").await;
        let delivery = world.verdict_is(&hook.guid, refused).await;
        words += usize::from(delivery.verdict.has_words());
    }
    assert!((1..=2).contains(&words), "one in a minute: {words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_cannot_be_given_for_an_hour_is_given_then() {
    let world = World::quiet().await;
    let rule = FaultRule::new(COMMENTS, 40, Fault::Status(503)).method("POST");
    world.github().faults().add(rule);
    let hook = world.ask(ADA, "bot:stop").await;
    let delivery = world.verdict_is(&hook.guid, refused).await;
    assert!(delivery.due_at.is_some(), "{delivery:?}");
    world.github().faults().clear();
    world.advance(SignedDuration::from_hours(1));
    assert_eq!(world.stack.tick().await.unwrap()["failed"], 0);
    world.bot_says("nothing to stop").await;
    let told = async || {
        let now = domain::Clock::now(world.clock.as_ref());
        let store = world.stack.store().unwrap();
        let found = store.delivery(&delivery.key, now).await;
        found.unwrap()?.due_at.is_none().then_some(())
    };
    eventually("the answer is noted as told", told).await;
    world.advance(SignedDuration::from_hours(1));
    assert_eq!(world.stack.tick().await.unwrap()["settled"], 0);
    world.bot_says("nothing to stop").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_nobody_takes_is_given_up_after_a_day() {
    let world = World::quiet().await;
    world.leaves("nobody could be told an answer");
    let rule = FaultRule::new(COMMENTS, u32::MAX, Fault::Status(403)).method("POST");
    world.github().faults().add(rule);
    let hook = world.ask(ADA, "bot:stop").await;
    let delivery = world.verdict_is(&hook.guid, refused).await;
    world.advance(SignedDuration::from_hours(25));
    assert_eq!(world.stack.tick().await.unwrap()["settled"], 1);
    let store = world.stack.store().unwrap();
    assert_eq!(store.due_delivery(&delivery.key).await.unwrap(), None);
    world.bot_comments(<[_]>::is_empty).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_cannot_be_decided_for_a_day_is_answered() {
    let world = World::quiet().await;
    world.leaves("a delivery was given up");
    let permission = "/api/v3/repos/*/collaborators/*/permission";
    let rule = FaultRule::new(permission, 2, Fault::Status(503)).method("GET");
    world.github().faults().add(rule);
    let hook = world.ask(ADA, "bot:implement").await;
    world.is_interrupted(&hook.guid).await;
    world.advance(SignedDuration::from_hours(25));
    assert_eq!(world.caller().deliver(&hook).await, 202);
    world.queue_holds(DELIVERIES, 0, 0).await;
    world.bot_comments(<[_]>::is_empty).await;
    world.stack.tick().await.unwrap();
    world.bot_says("was tried for a day").await;
    let given_up = |verdict: &Verdict| {
        matches!(
            verdict,
            Verdict::Refused {
                refusal: Refusal::GivenUp,
                ..
            }
        )
    };
    world.verdict_is(&hook.guid, given_up).await;
}
