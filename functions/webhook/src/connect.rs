//! What the function is made of.

use std::{collections::HashMap, hash::BuildHasher};

use blobs::Blobs;
use contract::DeliveryMessage;
use domain::{SharedClock, SharedRandom};
use kit::Clients;
use queues::Queue;
use secrecy::SecretString;
use settings::{
    BODIES_BUCKET, DELIVERIES_QUEUE_URL, GITHUB_WEBHOOK_SECRET, GITHUB_WEBHOOK_SECRET_PREVIOUS,
    Program, Settings, SettingsError,
};

/// Opens the connection that deliveries will need. The environment is all it knows, so that it can go on while
/// the parameters are read.
pub async fn warm_up(vars: &HashMap<String, String, impl BuildHasher>, aws: &Clients) {
    if let Some(url) = DELIVERIES_QUEUE_URL.of(vars) {
        let queue = Queue::<DeliveryMessage>::new(aws.sqs(), url);
        queue.warm_up().await;
    }
}

/// Everything the function needs.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// The active secrets of the GitHub App: one, or two while one takes the other's place.
    pub secrets: Vec<SecretString>,
    /// Where deliveries go.
    pub deliveries: Queue<DeliveryMessage>,
    /// Where their documents go when a message cannot hold them.
    pub bodies: Blobs,
    /// The time.
    pub clock: SharedClock,
    /// For trace ids.
    pub random: SharedRandom,
}

/// Puts the function together from its settings, or says everything that is wrong with them.
pub fn connect(
    settings: &Settings,
    aws: &Clients,
    clock: SharedClock,
    random: SharedRandom,
) -> Result<Webhook, SettingsError> {
    let mut read = settings.reader(Program::Webhook);
    let secret = read.get(&GITHUB_WEBHOOK_SECRET);
    let previous = read.get(&GITHUB_WEBHOOK_SECRET_PREVIOUS);
    let deliveries = read.get(&DELIVERIES_QUEUE_URL);
    let bodies = read.get(&BODIES_BUCKET);
    read.finish(|| {
        Some(Webhook {
            secrets: secret.into_iter().chain(previous).collect(),
            deliveries: Queue::new(aws.sqs(), deliveries?),
            bodies: Blobs::new(aws.s3(), bodies?),
            clock,
            random,
        })
    })
}
