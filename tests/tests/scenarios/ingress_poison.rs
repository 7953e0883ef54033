//! Messages that nobody can read.

use aws_sdk_sqs::types::SendMessageBatchRequestEntry as Entry;
use contract::{DeliveryBody, DeliveryMessage, PackedBody, Proven, Version};
use domain::{Clock as _, Provider, SystemRandom, TraceId};
use testkit::{IMPLEMENT, INVESTIGATE};

use crate::{
    ingress_support::{COMES_AGAIN, DELIVERIES, Hook},
    support::{ADA, World},
};

const DEAD_LETTERS: &str = "DeliveriesDeadLetterQueue";
const POISON: [&str; 3] = ["boom", "{}", r#"{"version":99,"provider":"github"}"#];
/// How often a message may be received.
const RECEIVES: usize = 5;

/// The message that `webhook` would send for `hook`.
fn message(world: &World, hook: &Hook) -> String {
    let message = DeliveryMessage {
        version: Version,
        proven: Proven::App {
            provider: Provider::Github,
            installation: Some(world.connection.installation()),
        },
        delivery: hook.guid.parse().unwrap(),
        event: hook.event.clone(),
        received_at: world.clock.now(),
        trace: TraceId::mint(&SystemRandom),
        repository: None,
        body: DeliveryBody::Inline {
            data: PackedBody::pack(&hook.body),
        },
    };
    serde_json::to_string(&message).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_can_read_is_put_aside_and_holds_up_nobody() {
    let world = World::quiet().await;
    world.leaves("messages in DeliveriesDeadLetterQueue");
    let hook = world.unsent(ADA, "bot:implement").await;
    let good = message(&world, &hook);
    let bodies = POISON.into_iter().chain([good.as_str()]).enumerate();
    let entries = bodies.map(|(id, body)| {
        let entry = Entry::builder().id(id.to_string()).message_body(body);
        entry.build().unwrap()
    });
    let batch = world.sqs().send_message_batch();
    let batch = batch.queue_url(&world.queue(DELIVERIES).url);
    let sent = batch.set_entries(Some(entries.collect())).send().await;
    assert!(sent.unwrap().failed.is_empty());

    // The good one of the same batch is done, and so is whatever comes later, while the others are hidden.
    world.has_started(&hook.guid, IMPLEMENT).await;
    let later = world.ask(ADA, "bot:investigate").await;
    world.has_started(&later.guid, INVESTIGATE).await;
    let poison = u32::try_from(POISON.len()).unwrap();
    for _ in 0..RECEIVES {
        world.queue_holds(DELIVERIES, 0, poison).await;
        assert_eq!(world.messages_in(DEAD_LETTERS).await, (0, 0));
        world.advance(COMES_AGAIN);
    }
    world.queue_holds(DELIVERIES, 0, 0).await;
    world.queue_holds(DEAD_LETTERS, poison, 0).await;

    let receive = world.sqs().receive_message().max_number_of_messages(10);
    let receive = receive.queue_url(&world.queue(DEAD_LETTERS).url);
    let messages = receive.send().await.unwrap().messages.unwrap();
    let mut bodies: Vec<_> = messages.into_iter().filter_map(|one| one.body).collect();
    let mut expected = POISON.map(str::to_owned);
    bodies.sort();
    expected.sort();
    assert_eq!(bodies, expected, "as they were");
    assert_eq!(world.runs(IMPLEMENT).await.len(), 1);
}
