//! Records that nobody can read.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{DefinitionName, Refusal, Run, Verdict};
use jiff::SignedDuration;
use kit::Clients;
use store::keys::Name;
use testkit::{IMPLEMENT, INVESTIGATE};

use crate::{
    ingress_support::eventually,
    support::{ADA, World},
};

/// Puts something into a head's record that makes no sense, or takes it out again.
async fn change_record(world: &World, name: DefinitionName, expression: &str) {
    let aws = Clients::new(world.stack.endpoints().sdk_config("tester"));
    let key = Name::Run(world.run_key(name, 1)).key();
    let update = aws.dynamodb().update_item();
    let update = update.table_name(world.stack.table().unwrap());
    let update = update.key("pk", AttributeValue::S(key.pk));
    let update = update.key("sk", AttributeValue::S(key.sk));
    let update = update.update_expression(expression);
    update.send().await.unwrap();
}

const BREAK: &str = "SET target.revision = sk";
const MEND: &str = "REMOVE target.revision";

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_a_broken_record_is_in_the_way_of_is_answered() {
    let world = World::quiet().await;
    world.leaves("an error of intake::interrupt_delivery");
    world.ask(ADA, "bot:implement").await;
    world.bot_says("`implement` is queued").await;
    world.ask(ADA, "bot:stop").await;
    world.bot_says("`implement` was stopped").await;
    world.is_told(IMPLEMENT).await;
    change_record(&world, IMPLEMENT, BREAK).await;

    let hook = world.ask(ADA, "bot:implement").await;
    let broken = |verdict: &Verdict| {
        matches!(
            verdict,
            Verdict::Refused {
                refusal: Refusal::Broken,
                ..
            }
        )
    };
    world.verdict_is(&hook.guid, broken).await;
    let comments = world.bot_comments(|all| all.len() == 2).await;
    let answer = &comments[1].body;
    assert!(
        answer.contains("This request cannot be worked on"),
        "{answer}"
    );
    assert!(!answer.contains("revision"), "{answer}");

    // Runs of other definitions on the issue are not in its way, and neither is the same one once it is mended.
    let other = world.ask(ADA, "bot:investigate").await;
    world.has_started(&other.guid, INVESTIGATE).await;
    change_record(&world, IMPLEMENT, MEND).await;
    world.ask(ADA, "bot:implement").await;
    let again = async || (world.runs(IMPLEMENT).await.len() == 2).then_some(());
    eventually("a second run is started", again).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_due_and_broken_is_looked_at_less_and_less_often() {
    let world = World::quiet().await;
    world.leaves("an error of schedules::sweep");
    world.ask(ADA, "bot:implement").await;
    // Nobody writes the record any more.
    let announced = |run: &Run| run.is_announced();
    world.run_is(IMPLEMENT, 1, announced).await;
    change_record(&world, IMPLEMENT, BREAK).await;
    let tick = async || {
        let swept = world.stack.tick().await.unwrap();
        swept["failed"].as_u64().unwrap()
    };
    world.advance(SignedDuration::from_mins(3));
    let mut looks = Vec::new();
    for minute in 0..64 {
        if tick().await > 0 {
            looks.push(minute);
        }
        world.advance(SignedDuration::from_mins(1));
    }
    assert_eq!(looks, [0, 2, 6, 14, 30, 62]);

    change_record(&world, IMPLEMENT, MEND).await;
    world.advance(SignedDuration::from_hours(1));
    assert_eq!(world.stack.tick().await.unwrap()["resent"], 1);
}
