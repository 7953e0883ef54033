//! The tick.

use aws_lambda_events::event::eventbridge::EventBridgeEvent;
use jiff::SignedDuration;
use scheduler::Report;
use serde_json::Value;
use testkit::runs::put_run;

use crate::{
    samples::sample,
    world::{World, clock_at, order, random, then},
};

#[tokio::test]
async fn a_tick_sends_a_job_that_nobody_claimed_again() {
    let tick: EventBridgeEvent<Value> =
        serde_json::from_str(&sample("scheduler-schedule.json")).unwrap();
    assert_eq!(tick.source, "aws.scheduler");
    assert!(
        tick.detail.is_string(),
        "the scheduler sends its input as text"
    );

    let world = World::start().await;
    put_run(&world.store(), order(), then()).await;
    let later = clock_at(then() + SignedDuration::from_mins(15));
    let scheduler = scheduler::connect(&world.settings(), &world.aws, later, random()).unwrap();
    let expected = Report {
        resent: 1,
        settled: 0,
        resumed: 0,
        failed: 0,
    };
    assert_eq!(scheduler::handle(&scheduler).await.unwrap(), expected);
}
