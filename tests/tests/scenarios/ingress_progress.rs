//! Progress of a run at work that comes too soon after other progress.

use domain::{ProgressEvent, Run, Stage};
use jiff::SignedDuration;
use store::EventBatch;
use testkit::IMPLEMENT;

use crate::{
    ingress_support::eventually,
    support::{ADA, World},
    worker_support::Gate,
};

/// A little more than the interval between two edits.
const INTERVAL_AND_MORE: SignedDuration = SignedDuration::from_secs(21);
const NEARLY_AN_INTERVAL: SignedDuration = SignedDuration::from_secs(15);

/// Puts progress on record as `worker` does for a daemon, and waits until `relay` has been called about it.
async fn tells(world: &World, run: &Run, first: u32, text: &str) {
    let calls = || world.stack.invocations().get("relay").copied();
    let (before, now) = (calls(), world.stack.clock().now());
    let batch = EventBatch {
        run: run.key(),
        fence: run.fence(),
        first,
        events: vec![ProgressEvent {
            at: now,
            stage: Stage::Working,
            text: text.to_owned(),
        }],
    };
    let store = world.stack.store().unwrap();
    store.add_events(&batch, now).await.unwrap();
    let called = async || (calls() > before).then_some(());
    eventually("relay is called", called).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_progress_is_shown_within_an_interval_although_nothing_comes_after_it() {
    let world = World::start_with(|config| {
        let name = "SWITCHYARD_EDIT_MILLIS".to_owned();
        config.settings.insert(name, "20000".to_owned());
    })
    .await;
    world.leaves("a folder of a job");
    world.leaves("a lease of");
    let gate = Gate::new();
    world.comment(ADA, "bot:implement").await;
    let mut daemon = world.daemon(&gate.agent());
    gate.reached().await;
    world.bot_says("`implement` is at work").await;
    // From here on the daemon is silent, and nothing else happens to the run.
    daemon.kill().await.unwrap();
    let run = world.run_is(IMPLEMENT, 1, |run| run.finished().is_none());
    let run = run.await;

    // Whatever it has said itself is shown with this or before it, and an interval later there is nothing to wait for.
    world.advance(INTERVAL_AND_MORE);
    tells(&world, &run, 100, "a look at the rest").await;
    world.advance(INTERVAL_AND_MORE);
    world.bot_says("a look at the rest").await;
    world.advance(INTERVAL_AND_MORE);
    tells(&world, &run, 101, "the first look").await;
    world.bot_says("the first look").await;
    let since = world.stack.clock().now();
    tells(&world, &run, 102, "the last look").await;
    let said = world.bot_says("the first look").await;
    // On a machine with much else to do its turn may have come meanwhile.
    let waited = world.stack.clock().now().duration_since(since);
    assert!(
        waited > NEARLY_AN_INTERVAL || !said.contains("the last look"),
        "it is too soon: {said}"
    );
    world.advance(INTERVAL_AND_MORE);
    world.bot_says("the last look").await;
}
