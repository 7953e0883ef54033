//! What stands around a function in these tests: endpoints in memory, a time that stands still, and
//! randomness that repeats, so that the samples can be compared with what the code makes.

use std::{collections::HashMap, sync::Arc};

use aws_local::{Config, Endpoints, sdk_config};
use contract::DeliveryMessage;
use domain::{
    Clock, Connection, DefinitionRef, DeliveryKey, Run, RunId, RunOrder, SeededRandom, SharedClock,
    SharedRandom,
};
use jiff::Timestamp;
use kit::Clients;
use queues::{Queue, Received};
use settings::Settings;
use store::Store;
use testkit::{IMPLEMENT, create_table};

pub(crate) const TABLE: &str = "switchyard";
const BUCKET: &str = "bodies";
/// The secret of the samples: the published one of GitHub's documentation.
pub(crate) const SECRET: &str = "It's a Secret to Everybody";
/// The key that the samples' tokens are signed with.
pub(crate) const TOKEN_KEY: &str = "0123456789abcdef0123456789abcdef";
/// The key by which the samples' daemons prove themselves.
pub(crate) const DAEMON_KEY: &str = "123456789abcdef0123456789abcdef0";

/// What everything is signed with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signing {
    pub(crate) webhook: &'static str,
    pub(crate) tokens: &'static str,
    pub(crate) daemons: &'static str,
}

/// What the samples are signed with.
pub(crate) const SAMPLES: Signing = Signing {
    webhook: SECRET,
    tokens: TOKEN_KEY,
    daemons: DAEMON_KEY,
};
/// Nobody listens there.
pub(crate) const NOWHERE: &str = "http://127.0.0.1:9";

pub(crate) struct World {
    pub(crate) endpoints: Endpoints,
    pub(crate) aws: Clients,
    pub(crate) deliveries: String,
    pub(crate) jobs: String,
}

/// A clock that stands still.
#[derive(Debug)]
struct Still(Timestamp);

impl Clock for Still {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// The second at which everything in the samples happens.
pub(crate) fn then() -> Timestamp {
    "2026-11-20T10:00:01Z".parse().unwrap()
}

pub(crate) fn clock_at(at: Timestamp) -> SharedClock {
    Arc::new(Still(at))
}

pub(crate) fn random() -> SharedRandom {
    Arc::new(SeededRandom::new(1))
}

impl World {
    pub(crate) async fn start() -> Self {
        let endpoints = Endpoints::start(Config::in_memory(Arc::new(then)))
            .await
            .unwrap();
        let aws = Clients::new(sdk_config(endpoints.url()));
        create_table(&aws.dynamodb(), TABLE).await;
        aws.s3()
            .create_bucket()
            .bucket(BUCKET)
            .send()
            .await
            .unwrap();
        Self {
            deliveries: create_queue(&aws, "deliveries").await,
            jobs: create_queue(&aws, "jobs").await,
            endpoints,
            aws,
        }
    }

    pub(crate) fn store(&self) -> Store {
        Store::new(self.aws.dynamodb(), TABLE, random())
    }

    /// Settings for any function, with `github` as its provider's address.
    pub(crate) fn settings_with(&self, github: &str) -> Settings {
        self.settings_signed(github, SAMPLES)
    }

    /// The same with these secrets.
    pub(crate) fn settings_signed(&self, github: &str, secrets: Signing) -> Settings {
        let vars = [
            ("TABLE_NAME", TABLE),
            ("DELIVERIES_QUEUE_URL", &self.deliveries),
            ("JOBS_QUEUE_URL", &self.jobs),
            ("BODIES_BUCKET", BUCKET),
            ("SWITCHYARD_TENANT", "ten_default"),
            ("SWITCHYARD_ALLOWED_OWNERS", "somebody-else"),
            ("SWITCHYARD_TOKEN_KEY", secrets.tokens),
            ("SWITCHYARD_DAEMON_KEY", secrets.daemons),
            ("GITHUB_API_URL", github),
            ("GITHUB_GIT_URL", "https://github.example"),
            ("GITHUB_APP_ID", "12345"),
            ("GITHUB_APP_PRIVATE_KEY", simgithub::DEMONSTRATION_KEY_PEM),
            ("GITHUB_WEBHOOK_SECRET", secrets.webhook),
        ];
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Settings::from_vars(vars.map(owned).into_iter().collect::<HashMap<_, _>>())
    }

    /// Settings for any function that needs no provider.
    pub(crate) fn settings(&self) -> Settings {
        self.settings_with(NOWHERE)
    }

    /// Takes what waits in the queue of deliveries.
    pub(crate) async fn take_deliveries(&self) -> Vec<DeliveryMessage> {
        let queue = Queue::new(self.aws.sqs(), &self.deliveries);
        let received = queue.receive(std::time::Duration::ZERO, 10).await.unwrap();
        let messages: Vec<Received<DeliveryMessage>> = received;
        messages
            .into_iter()
            .map(|received| received.message.unwrap())
            .collect()
    }
}

/// GitHub's id of the samples' delivery.
const DELIVERY: &str = "7c1d3e60-c5f8-11f0-8de9-0242ac120002";

/// The connection of the samples.
fn connection() -> Connection {
    testkit::connection("default", 60_300_117)
}

/// What the samples' comment asks for.
pub(crate) fn order() -> RunOrder {
    order_at(&connection(), 771_200_345, 7)
}

/// The same on another issue.
pub(crate) fn order_at(connection: &Connection, repository: u64, issue: u64) -> RunOrder {
    let (at, widgets) = (then(), testkit::widgets(repository));
    let trace = "c15c0289ec2d0a9167ec8e65a18debbe".parse().unwrap();
    RunOrder {
        id: RunId::mint(at, &SeededRandom::new(1)),
        subject: testkit::issue(connection, &widgets, issue),
        target: testkit::code(connection, &widgets),
        definition: DefinitionRef {
            name: IMPLEMENT,
            version: 1,
        },
        origin: testkit::origin(DELIVERY, "ada-example", 4_120_099_871, at, trace),
    }
}

/// The run that the samples' comment starts.
pub(crate) fn run() -> Run {
    testkit::runs::waiting(order(), then())
}

/// The delivery of `webhook-function-url.json`.
pub(crate) fn delivery_key() -> DeliveryKey {
    DeliveryKey::by(&connection(), DELIVERY.parse().unwrap())
}

async fn create_queue(aws: &Clients, name: &str) -> String {
    let created = aws.sqs().create_queue().queue_name(name).send().await;
    created.unwrap().queue_url.unwrap()
}
