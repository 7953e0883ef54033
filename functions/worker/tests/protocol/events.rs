//! Telling progress.

use contract::{
    Slug,
    worker::{EVENTS_LIMIT, EventsRequest},
};
use domain::{Fence, ProgressEvent, Stage};
use testkit::IMPLEMENT;

use crate::{
    answer::Answer,
    support::{Held, World},
};

fn progress(world: &World, texts: &[&str]) -> Vec<ProgressEvent> {
    let event = |text: &&str| ProgressEvent {
        at: world.clock.now(),
        stage: Stage::Working,
        text: (*text).to_owned(),
    };
    texts.iter().map(event).collect()
}

async fn tell(world: &World, held: &Held, first: u32, texts: &[&str]) -> Answer {
    let events = progress(world, texts);
    let request = EventsRequest { first, events };
    world.call("events", &held.token, &request).await
}

async fn told(world: &World) -> Vec<ProgressEvent> {
    let key = world.run.key();
    world
        .store
        .newest_progress(&key, Fence(1), 10)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn news_is_kept_in_its_order_and_a_batch_told_twice_once() {
    let world = World::start(IMPLEMENT).await;
    let held = world.lease("first").await;
    tell(&world, &held, 0, &["one", "two"]).await.is_done();
    tell(&world, &held, 2, &["three"]).await.is_done();
    tell(&world, &held, 0, &["one", "two"]).await.is_done();
    assert_eq!(
        told(&world).await,
        progress(&world, &["one", "two", "three"])
    );

    tell(&world, &held, 2, &["another three"]).await.is_done();
    assert_eq!(
        told(&world).await,
        progress(&world, &["one", "two", "three"])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn as_much_news_as_is_allowed_is_taken_and_no_more() {
    let world = World::start(IMPLEMENT).await;
    let held = world.lease("first").await;
    let line = "x".repeat(ProgressEvent::TEXT_LIMIT);
    let longer = format!("{line}x");
    let full = vec![line.as_str(); EVENTS_LIMIT];
    let too_many = vec!["x"; EVENTS_LIMIT + 1];
    for wrong in [&[] as &[&str], &too_many, &["short", &longer]] {
        let answer = tell(&world, &held, 0, wrong).await;
        answer.is_problem(422, &Slug::JOB_MISMATCH);
    }
    assert!(told(&world).await.is_empty());
    tell(&world, &held, 0, &full).await.is_done();
    assert_eq!(told(&world).await, progress(&world, &full));
}

#[tokio::test(flavor = "multi_thread")]
async fn news_of_an_unknown_kind_is_refused() {
    let world = World::start(IMPLEMENT).await;
    let held = world.lease("first").await;
    let mut body = world.body("events");
    body["events"][0]["stage"] = "dreaming".into();
    let answer = world.call("events", &held.token, &body).await;
    answer.is_problem(400, &Slug::INVALID_REQUEST);
    assert!(told(&world).await.is_empty());
}
