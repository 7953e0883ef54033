//! A job that waits for hours: its copies stay few, and go as soon as somebody comes.

use domain::RunState;
use jiff::SignedDuration;
use testkit::IMPLEMENT;

use crate::support::{ADA, HONEST_AGENT, World};

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_waits_for_hours_leaves_no_pile_and_rings_no_alarm() {
    let world = World::start().await;
    world.comment(ADA, "bot:implement").await;
    world.bot_says("`implement` is queued").await;
    let mut resent = 0;
    for _ in 0..5 * 60 {
        world.advance(SignedDuration::from_mins(1));
        let swept = world.stack.tick().await.unwrap();
        resent += swept["resent"].as_u64().unwrap();
    }
    assert!((6..=10).contains(&resent), "the gaps double: {resent}");
    let copies = u64::from(world.queued_jobs().await);
    assert_eq!(copies, 1 + resent);
    assert_eq!(world.dead_jobs().await, 0);

    let _daemon = world.daemon(HONEST_AGENT);
    let succeeded = "`implement` succeeded";
    world.ends(IMPLEMENT, RunState::Succeeded, succeeded).await;
    world.jobs_queue_holds(0).await;
    assert_eq!(world.dead_jobs().await, 0);
    world.one_pull().await;
}
