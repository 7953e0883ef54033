//! What the function is made of.

use std::{collections::HashMap, hash::BuildHasher};

use blobs::Blobs;
use contract::DeliveryMessage;
use domain::{SharedClock, SharedRandom};
use kit::{Clients, Settings, SettingsError};
use queues::Queue;
use secrecy::SecretString;

const SECRET: &str = "GITHUB_WEBHOOK_SECRET";
const PREVIOUS: &str = "GITHUB_WEBHOOK_SECRET_PREVIOUS";

/// The settings that Parameter Store may hold.
pub const PARAMETERS: [&str; 2] = [SECRET, PREVIOUS];

/// Opens the connection that deliveries will need. The environment is all it knows, so that it can go on while
/// the parameters are read.
pub async fn warm_up(vars: &HashMap<String, String, impl BuildHasher>, aws: &Clients) {
    if let Some(url) = vars.get("DELIVERIES_QUEUE_URL") {
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

impl Webhook {
    /// Composes the function from its settings, or says everything that is wrong with them.
    pub fn from_settings(
        settings: &Settings,
        aws: &Clients,
        clock: SharedClock,
        random: SharedRandom,
    ) -> Result<Self, SettingsError> {
        let mut read = settings.reader();
        let secret = read.secret(SECRET);
        let previous = read.optional_secret(PREVIOUS);
        let deliveries = read.text("DELIVERIES_QUEUE_URL");
        let bodies = read.text("BODIES_BUCKET");
        read.finish(|| {
            Some(Self {
                secrets: secret.into_iter().chain(previous).collect(),
                deliveries: Queue::new(aws.sqs(), deliveries?),
                bodies: Blobs::new(aws.s3(), bodies?),
                clock,
                random,
            })
        })
    }
}
