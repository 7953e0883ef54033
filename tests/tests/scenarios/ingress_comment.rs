//! The comments themselves: deleted, unwelcome, or told of twice.

use std::{collections::HashMap, sync::Arc};

use domain::{
    MessageId, ProgressEvent, Run, RunState, Stage, SystemRandom, TrackingPlace, TrackingState,
};
use jiff::SignedDuration;
use kit::Clients;
use notify::Relay;
use serde_json::{Value, json};
use settings::Settings;
use simgithub::{Fault, FaultRule};
use store::EventBatch;
use testkit::IMPLEMENT;

use crate::{
    ingress_support::eventually,
    support::{ADA, REPOSITORY, RON, World},
    worker_support::Gate,
};

const COMMENTS: &str = "/api/v3/repos/*/issues/*/comments";

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_comment_is_written_anew_with_the_end() {
    let world = World::quiet().await;
    world.ask(ADA, "bot:implement").await;
    let announced = |run: &Run| run.is_announced();
    world.run_is(IMPLEMENT, 1, announced).await;
    let first = world.bot_comments(|all| all.len() == 1).await[0].id;
    let github = world.github();
    github.delete_comment(first, ADA).await.unwrap();

    world.ask(ADA, "bot:stop").await;
    world.bot_says("`implement` was stopped").await;
    let run = world.is_told(IMPLEMENT).await;
    let told = TrackingPlace::new(TrackingState::Told(MessageId::from(first)), None);
    assert_ne!(run.place(), Some(&told));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_comment_is_taken_for_a_moment_the_end_is_told_all_the_same() {
    let mut world = World::quiet().await;
    for status in [403, 404, 410] {
        world.next_issue().await;
        let rule = FaultRule::new(COMMENTS, 1, Fault::Status(status)).method("POST");
        world.github().faults().add(rule);
        world.ask(ADA, "bot:implement").await;
        world.all_struck().await;
        world.ask(ADA, "bot:stop").await;
        world.bot_says("`implement` was stopped").await;
        let told = |run: &Run| run.is_told() && run.head().due_at().is_none();
        world.run_is(IMPLEMENT, 1, told).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_comment_is_ever_taken_it_is_tried_often_for_a_day_and_then_daily() {
    let world = World::quiet().await;
    let rule = FaultRule::new(COMMENTS, u32::MAX, Fault::Status(403)).method("POST");
    world.github().faults().add(rule);
    world.ask(ADA, "bot:implement").await;
    world.ask(ADA, "bot:stop").await;
    let over = |run: &Run| run.finished().is_some();
    world.run_is(IMPLEMENT, 1, over).await;
    world.advance(SignedDuration::from_mins(3));
    assert_eq!(world.stack.tick().await.unwrap()["settled"], 1);
    let run = world.run_is(IMPLEMENT, 1, over).await;
    assert!(run.head().due_at().is_some(), "it is tried again");

    world.advance(SignedDuration::from_hours(25));
    world.stack.tick().await.unwrap();
    let run = world.run_is(IMPLEMENT, 1, over).await;
    assert_eq!(
        (run.state(), run.place().and_then(TrackingPlace::comment)),
        (RunState::Cancelled, None)
    );
    assert!(run.head().due_at().is_some(), "it is tried again each day");
    world.bot_comments(<[_]>::is_empty).await;
}

/// A `relay` that has just been started, and has posted nothing.
pub(crate) fn fresh_relay(world: &World) -> Relay {
    let settings = world.stack.settings_for_other_processes().unwrap();
    let settings: HashMap<_, _> = settings.into_iter().collect();
    let aws = Clients::new(world.stack.endpoints().sdk_config("relay"));
    let settings = Settings::from_vars(settings);
    relay::connect(&settings, &aws, world.stack.clock(), Arc::new(SystemRandom)).unwrap()
}

/// Everything that has ever happened, as the stream tells it.
pub(crate) async fn everything(world: &World) -> Vec<Value> {
    let table = world.stack.table().unwrap();
    let mut reader = world.stack.endpoints().stream_reader(table, "everything");
    let mut records = Vec::new();
    while let Some(batch) = reader.try_next(100).await.unwrap() {
        reader.commit(&batch).unwrap();
        records.extend(batch.records);
    }
    records
}

/// Gives everything that has ever happened to a `relay` that has just been started.
async fn tell_everything_again(world: &World, time: u32) {
    let relay = fresh_relay(world);
    let table = world.stack.table().unwrap();
    let endpoints = world.stack.endpoints();
    let mut reader = endpoints.stream_reader(table, &format!("again-{time}"));
    let mut told = 0;
    while let Some(batch) = reader.try_next(100).await.unwrap() {
        let event = serde_json::from_value(batch.event()).unwrap();
        let answer = relay::handle(&relay, event).await;
        assert!(answer.batch_item_failures.is_empty(), "{answer:?}");
        reader.commit(&batch).unwrap();
        told += batch.records.len();
    }
    assert!(told > 0, "there is something to tell");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_answered_once_however_often_it_is_told() {
    let world = World::quiet().await;
    world.ask(RON, "bot:implement").await;
    world.bot_says("Only people who may write").await;
    for time in 0..3 {
        tell_everything_again(&world, time).await;
    }
    let comments = world.bot_comments(|_| true).await;
    assert_eq!(comments.len(), 1, "{comments:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_whose_answer_is_lost_is_answered_once() {
    let world = World::quiet().await;
    let rule = FaultRule::new(COMMENTS, 1, Fault::LostAnswer).method("POST");
    world.github().faults().add(rule);
    let asked = world.unsent(RON, "bot:implement").await;
    let caller = world.caller();
    assert_eq!(caller.deliver(&asked).await, 202);
    world.all_struck().await;
    world.advance(SignedDuration::from_mins(3));
    world.stack.tick().await.unwrap();
    let document: serde_json::Value = serde_json::from_slice(&asked.body).unwrap();
    let comment = document["comment"]["id"].as_u64().unwrap();
    // The reaction is the last thing that happens about it.
    eventually("the refusal is told", async || {
        let reactions = world.github().reactions(comment).await.unwrap();
        reactions
            .iter()
            .any(|one| one.content == "confused")
            .then_some(())
    })
    .await;
    let comments = world.github().comments(REPOSITORY, world.issue).await;
    let answers = comments.unwrap().into_iter().filter(|one| one.via_app);
    assert_eq!(answers.count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_told_of_again_keeps_its_one_comment() {
    let world = World::quiet().await;
    world.ask(ADA, "bot:implement").await;
    world.bot_says("`implement` is queued").await;
    tell_everything_again(&world, 0).await;
    world.bot_says("`implement` is queued").await;
    world.ask(ADA, "bot:stop").await;
    world.bot_says("`implement` was stopped").await;
    let told = world.is_told(IMPLEMENT).await;
    for time in 1..3 {
        tell_everything_again(&world, time).await;
    }
    world.bot_says("`implement` was stopped").await;
    assert_eq!(world.is_told(IMPLEMENT).await, told);
}

#[tokio::test(flavor = "multi_thread")]
async fn records_of_an_older_time_never_undo_what_was_told() {
    let (world, gate) = (World::quiet().await, Gate::new());
    world.leaves("a folder of a job");
    world.leaves("a lease of");
    world.ask(ADA, "bot:implement").await;
    world.bot_says("`implement` is queued").await;
    let _daemon = world.daemon(&gate.agent());
    gate.reached().await;
    world.bot_says("`implement` is at work").await;
    let records = everything(&world).await;
    assert!(records.len() > 3, "{records:#?}");
    let hand = async |relay: &Relay, records: &[Value]| {
        let event = serde_json::from_value(json!({ "Records": records })).unwrap();
        let answer = relay::handle(relay, event).await;
        assert!(answer.batch_item_failures.is_empty(), "{answer:?}");
        let comments = world.bot_comments(|_| true).await;
        assert_eq!(comments.len(), 1, "{comments:#?}");
        assert!(comments[0].body.contains("is at work"), "{comments:#?}");
    };
    let (poster, stranger) = (fresh_relay(&world), fresh_relay(&world));
    hand(&poster, &records).await;
    for relay in [&poster, &stranger] {
        for record in records.iter().rev().chain(&records) {
            hand(relay, std::slice::from_ref(record)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn late_progress_never_undoes_the_end_that_another_process_told() {
    let (world, gate) = (World::quiet().await, Gate::new());
    world.ask(ADA, "bot:implement").await;
    let _daemon = world.daemon(&gate.agent());
    gate.reached().await;
    world.bot_says("`implement` is at work").await;
    let hand = async |relay: &Relay, records: &[Value]| {
        let event = serde_json::from_value(json!({ "Records": records })).unwrap();
        let answer = relay::handle(relay, event).await;
        assert!(answer.batch_item_failures.is_empty(), "{answer:?}");
    };
    let poster = fresh_relay(&world);
    hand(&poster, &everything(&world).await).await;

    gate.open();
    world.bot_says("`implement` succeeded").await;
    let run = world.is_told(IMPLEMENT).await;
    let now = world.stack.clock().now();
    let late = EventBatch {
        run: run.key(),
        fence: run.fence(),
        first: 100,
        events: vec![ProgressEvent {
            at: now,
            stage: Stage::Pushing,
            text: "on its way when the end came".to_owned(),
        }],
    };
    let store = world.stack.store().unwrap();
    store.add_events(&late, now).await.unwrap();
    world.advance(SignedDuration::from_secs(6));
    let records = everything(&world).await;
    let is_late = |record: &&Value| {
        let key = record["dynamodb"]["Keys"]["sk"]["S"].as_str().unwrap();
        key.starts_with("EVT#") && record.to_string().contains("on its way")
    };
    let record = records.iter().find(is_late).unwrap();
    hand(&poster, std::slice::from_ref(record)).await;
    let comments = world.bot_comments(|_| true).await;
    assert!(comments[0].body.contains("succeeded"), "{comments:#?}");
}
