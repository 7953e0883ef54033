//! Somebody asks to stop, and what was asked for before and after comes late, twice, or out of order.

use domain::{DefinitionName, RunState, Verdict};
use jiff::SignedDuration;
use simgithub::{Fault, FaultRule};
use testkit::{IMPLEMENT, INVESTIGATE};

use crate::{
    ingress_support::{DELIVERIES, Hook},
    support::{ADA, World},
};

const PERMISSION: &str = "/api/v3/repos/*/collaborators/*/permission";

fn started(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Starting { .. })
}

fn decided(verdict: &Verdict) -> bool {
    !matches!(verdict, Verdict::Interrupted { .. })
}

/// The states of all runs of a definition on the issue, newest first.
async fn states(world: &World, name: DefinitionName) -> Vec<RunState> {
    let runs = world.runs(name).await;
    runs.iter().map(domain::Run::state).collect()
}

/// A request that stops half-way, because GitHub does not say who may ask.
async fn interrupted(world: &World, text: &str) -> Hook {
    let rule = FaultRule::new(PERMISSION, 2, Fault::Status(503)).method("GET");
    world.github().faults().add(rule);
    let hook = world.ask(ADA, text).await;
    world.is_interrupted(&hook.guid).await;
    hook
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_is_still_interrupted_is_ended_by_a_stop() {
    let world = World::quiet().await;
    let start = interrupted(&world, "bot:implement").await;
    let stop = world.ask(ADA, "bot:stop").await;
    world.verdict_is(&stop.guid, decided).await;

    world.taken_up().await;
    world.verdict_is(&start.guid, started).await;
    world.queue_holds(DELIVERIES, 0, 0).await;
    assert_eq!(states(&world, IMPLEMENT).await, [RunState::Cancelled]);
    let told = |all: &[simgithub::Comment]| {
        all.iter()
            .any(|one| one.body.contains("`implement` was stopped"))
    };
    world.bot_comments(told).await;
    assert_eq!(
        world.messages_in(crate::ingress_support::JOBS).await,
        (0, 0)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_the_order_in_which_they_come_the_later_of_two_requests_holds() {
    let mut world = World::quiet().await;
    for stop_comes_first in [true, false] {
        world.next_issue().await;
        let start = world.unsent(ADA, "bot:implement").await;
        let stop = world.unsent(ADA, "bot:stop").await;
        let again = world.unsent(ADA, "bot:investigate").await;
        let mut order = [&start, &stop, &again];
        if stop_comes_first {
            order.swap(0, 1);
        }
        for hook in order {
            assert_eq!(world.caller().deliver(hook).await, 202);
            world.verdict_is(&hook.guid, decided).await;
        }
        assert_eq!(states(&world, IMPLEMENT).await, [RunState::Cancelled]);
        assert_eq!(states(&world, INVESTIGATE).await, [RunState::Queued]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_comes_hours_late_is_dropped_if_the_same_was_asked_for_since() {
    let world = World::quiet().await;
    let late = interrupted(&world, "bot:implement").await;
    world.advance(SignedDuration::from_secs(2));
    let again = world.ask(ADA, "bot:implement").await;
    world.verdict_is(&again.guid, started).await;
    world.ask(ADA, "bot:stop").await;
    world
        .run_is(IMPLEMENT, 1, |run| run.finished().is_some())
        .await;

    world.advance(SignedDuration::from_hours(3));
    world.stack.tick().await.unwrap();
    let told = |all: &[simgithub::Comment]| {
        all.iter()
            .any(|one| one.body.contains("was asked for again since"))
    };
    world.bot_comments(told).await;
    world.verdict_is(&late.guid, decided).await;
    assert_eq!(world.runs(IMPLEMENT).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_comment_starts_one_run_whatever_delivery_brings_it_and_whenever() {
    let world = World::quiet().await;
    let hook = world.ask(ADA, "bot:implement").await;
    world.has_started(&hook.guid, IMPLEMENT).await;
    let captured = |guid: &str| Hook {
        guid: guid.to_owned(),
        ..hook.clone()
    };
    for (guid, after) in [
        ("at-once", SignedDuration::ZERO),
        ("when-it-is-over", SignedDuration::from_mins(1)),
        ("after-others", SignedDuration::from_mins(1)),
        ("weeks-later", SignedDuration::from_hours(24 * 30)),
    ] {
        world.advance(after);
        if guid == "when-it-is-over" {
            world.ask(ADA, "bot:stop").await;
            world
                .run_is(IMPLEMENT, 1, |run| run.finished().is_some())
                .await;
        }
        if guid == "after-others" {
            for sequence in 2..10 {
                let other = world.ask(ADA, "bot:implement").await;
                world.verdict_is(&other.guid, started).await;
                world.ask(ADA, "bot:stop").await;
                world
                    .run_is(IMPLEMENT, sequence, |run| run.finished().is_some())
                    .await;
            }
        }
        let before = world.runs(IMPLEMENT).await.len();
        let copy = captured(guid);
        assert_eq!(world.caller().deliver(&copy).await, 202);
        let verdict = world.verdict_is(&copy.guid, decided).await.verdict;
        let first = world.run_key(IMPLEMENT, 1);
        let Verdict::Starting { start } = verdict else {
            panic!("{guid}: {verdict:?}");
        };
        assert_eq!(start.run, first, "{guid}");
        assert_eq!(world.runs(IMPLEMENT).await.len(), before, "{guid}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_request_has_one_answer_whatever_delivery_brings_it_and_whenever() {
    let world = World::quiet().await;
    let label = world.unsent_label(ADA, "bot:stop").await;
    let comment = world.unsent(ADA, "bot:stop").await;
    for (hook, answers) in [(label, 1), (comment, 2)] {
        for (copy, after) in [(1, 0), (2, 0), (3, 24)] {
            world.advance(SignedDuration::from_hours(after));
            let guid = format!("{}-{copy}", hook.event);
            let copy = Hook {
                guid: guid.clone(),
                ..hook.clone()
            };
            assert_eq!(world.caller().deliver(&copy).await, 202);
            world.is_answered(&guid).await;
            world.bot_comments(|all| all.len() == answers).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_label_put_there_again_is_another_request_and_the_same_event_is_not() {
    let world = World::quiet().await;
    let hook = world.unsent_label(ADA, "bot:investigate").await;
    for guid in ["one", "by-another-hook"] {
        let copy = Hook {
            guid: guid.to_owned(),
            ..hook.clone()
        };
        assert_eq!(world.caller().deliver(&copy).await, 202);
        world.verdict_is(guid, started).await;
    }
    assert_eq!(world.runs(INVESTIGATE).await.len(), 1);
    world.ask(ADA, "bot:stop").await;
    world
        .run_is(INVESTIGATE, 1, |run| run.finished().is_some())
        .await;

    world.advance(SignedDuration::from_secs(2));
    let again = world.unsent_label(ADA, "bot:investigate").await;
    assert_eq!(world.caller().deliver(&again).await, 202);
    world.verdict_is(&again.guid, started).await;
    assert_eq!(world.runs(INVESTIGATE).await.len(), 2);
}
