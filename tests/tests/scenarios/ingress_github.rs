//! GitHub has a bad day while a request is decided and told of.

use std::time::Duration;

use domain::Run;
use jiff::SignedDuration;
use simgithub::{Fault, FaultRule};
use testkit::{IMPLEMENT, INVESTIGATE};

use crate::{
    ingress_support::eventually,
    support::{ADA, HONEST_AGENT, REPOSITORY, World},
};

const MINT: &str = "/api/v3/app/installations/*/access_tokens";
const PERMISSION: &str = "/api/v3/repos/*/collaborators/*/permission";
const COMMENTS: &str = "/api/v3/repos/*/issues/*/comments";
const COMMENT: &str = "/api/v3/repos/*/issues/comments/*";

/// A limit that holds for as long as a minute, said in so many words or not.
const LIMITS: [Fault; 2] = [
    Fault::SecondaryLimit {
        retry_after: Some(Duration::from_mins(1)),
    },
    Fault::SecondaryLimit { retry_after: None },
];
const SLOW: Fault = Fault::Slow(Duration::from_millis(300));

fn is_limit(fault: Fault) -> bool {
    matches!(fault, Fault::SecondaryLimit { .. })
}

fn add(world: &World, method: &str, path: &str, times: u32, fault: Fault) {
    let rule = FaultRule::new(path, times, fault).method(method);
    world.github().faults().add(rule);
}

/// A person stops the run, which ends the tracking comment without a daemon.
async fn stops_and_is_told(world: &World) {
    world.ask(ADA, "bot:stop").await;
    world.bot_says("`implement` was stopped").await;
    world.is_told(IMPLEMENT).await;
}

/// Lets the scheduler bring back what was put off, as often as GitHub fails, until the comment says `text`.
async fn is_said_in_time(world: &World, text: &str) {
    let says = async || {
        let all = world.github().comments(REPOSITORY, world.issue).await;
        let mut own = all.unwrap().into_iter().filter(|one| one.via_app);
        own.any(|one| one.body.contains(text))
    };
    // Each look puts it off by as long as it has waited.
    for minutes in [65, 150, 330, 700] {
        if says().await && world.github().faults().pending().is_empty() {
            return;
        }
        world.advance(SignedDuration::from_mins(minutes));
        let calls = world.stack.invocations().get("relay").copied();
        world.stack.tick().await.unwrap();
        eventually("relay has come, or nothing is left to tell", async || {
            let came = world.stack.invocations().get("relay").copied() > calls;
            (came || says().await).then_some(())
        })
        .await;
    }
    world.bot_says(text).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_permission_that_cannot_be_asked_for_is_asked_for_again() {
    let mut world = World::quiet().await;
    // What is asked for twice by itself has to fail twice.
    let cases = [
        (2, Fault::Status(500)),
        (2, Fault::Status(503)),
        (1, LIMITS[0]),
        (1, LIMITS[1]),
        (2, Fault::Reset),
        (2, Fault::LostAnswer),
    ];
    for (times, fault) in cases {
        world.next_issue().await;
        add(&world, "GET", PERMISSION, times, fault);
        let hook = world.ask(ADA, "bot:implement").await;
        world.is_interrupted(&hook.guid).await;
        assert!(world.github().faults().pending().is_empty(), "{fault:?}");
        assert!(world.runs(IMPLEMENT).await.is_empty(), "{fault:?}");
        world.taken_up().await;
        world.has_started(&hook.guid, IMPLEMENT).await;
        world.bot_says("`implement` is queued").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_permission_that_comes_slowly_or_at_the_second_try_is_good_enough() {
    let mut world = World::quiet().await;
    for fault in [SLOW, Fault::Status(502), Fault::Reset] {
        world.next_issue().await;
        add(&world, "GET", PERMISSION, 1, fault);
        let hook = world.ask(ADA, "bot:implement").await;
        world.has_started(&hook.guid, IMPLEMENT).await;
        assert!(world.github().faults().pending().is_empty(), "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_not_minted_is_minted_later() {
    for (times, fault) in [(2, Fault::Status(500)), (2, Fault::Reset), (1, LIMITS[0])] {
        let world = World::quiet().await;
        add(&world, "POST", MINT, times, fault);
        let hook = world.ask(ADA, "bot:implement").await;
        world.is_interrupted(&hook.guid).await;
        world.taken_up().await;
        world.has_started(&hook.guid, IMPLEMENT).await;
        assert!(world.github().faults().pending().is_empty(), "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_comment_is_written_whatever_becomes_of_the_answer() {
    let mut world = World::quiet().await;
    let cases = [
        Fault::Status(500),
        Fault::Reset,
        Fault::LostAnswer,
        SLOW,
        LIMITS[0],
        LIMITS[1],
    ];
    for fault in cases {
        world.next_issue().await;
        add(&world, "POST", COMMENTS, 1, fault);
        world.ask(ADA, "bot:implement").await;
        world.all_struck().await;
        if is_limit(fault) {
            // The limit counts from when it is heard of, which may be after time has gone by.
            is_said_in_time(&world, "`implement` is queued").await;
        }
        world.run_is(IMPLEMENT, 1, Run::is_announced).await;
        world.bot_says("`implement` is queued").await;
        stops_and_is_told(&world).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_edit_is_made_once_github_is_back() {
    let mut world = World::quiet().await;
    let cases = [
        (4, Fault::Status(500)),
        (4, Fault::Reset),
        (2, Fault::LostAnswer),
        (1, SLOW),
        (1, LIMITS[0]),
        (1, LIMITS[1]),
    ];
    for (times, fault) in cases {
        world.next_issue().await;
        world.ask(ADA, "bot:implement").await;
        world.run_is(IMPLEMENT, 1, Run::is_announced).await;
        add(&world, "PATCH", COMMENT, times, fault);
        world.ask(ADA, "bot:stop").await;
        let over = |run: &Run| run.finished().is_some();
        world.run_is(IMPLEMENT, 1, over).await;
        is_said_in_time(&world, "`implement` was stopped").await;
        world.is_told(IMPLEMENT).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_primary_limit_is_waited_for_and_nothing_is_asked_meanwhile() {
    let world = World::quiet().await;
    world.ask(ADA, "bot:implement").await;
    world.bot_says("`implement` is queued").await;
    let now = domain::Clock::now(world.clock.as_ref());
    let reset = now + SignedDuration::from_mins(30);
    add(&world, "PATCH", COMMENT, 1, Fault::PrimaryLimit { reset });
    world.ask(ADA, "bot:stop").await;
    world.all_struck().await;
    let put_off = |run: &Run| {
        let nearly = reset - SignedDuration::from_mins(1);
        run.finished().is_some() && run.head().due_at().is_some_and(|due| due >= nearly)
    };
    world.run_is(IMPLEMENT, 1, put_off).await;

    let edits = || {
        let all = world.github().requests().into_iter();
        all.filter(|request| request.method == "PATCH").count()
    };
    let before = edits();
    world.advance(SignedDuration::from_mins(28));
    world.stack.tick().await.unwrap();
    assert_eq!(edits(), before, "calling on would only make it longer");
    is_said_in_time(&world, "`implement` was stopped").await;
    world.is_told(IMPLEMENT).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_daemon_has_done_is_told_after_a_bad_time() {
    let world = World::quiet().await;
    world.ask(ADA, "bot:investigate").await;
    world.bot_says("`investigate` is queued").await;
    // Every edit from here on fails for a while, and so do the reactions, which nobody waits for.
    add(&world, "PATCH", COMMENT, 6, Fault::Status(502));
    add(&world, "POST", "*/reactions", 2, Fault::Status(500));
    let _daemon = world.daemon(HONEST_AGENT);
    let over = |run: &Run| run.finished().is_some();
    world.run_is(INVESTIGATE, 1, over).await;
    is_said_in_time(&world, "`investigate` succeeded").await;
    let said = world.bot_says("`investigate` succeeded").await;
    assert!(said.contains("It is in `a.txt`."), "{said}");
    let run = world.is_told(INVESTIGATE).await;
    assert_eq!(run.fence().0, 1, "the work was not done again for it");
}
