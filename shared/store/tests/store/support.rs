//! A store on a table in memory, and a run to keep in it.

use std::{path::PathBuf, sync::Arc};

use aws_sdk_dynamodb::Client;
use domain::{
    CommentId, DefinitionRef, DeliveryKey, InstallationId, ItemKind, ItemNumber, Job, JobId,
    NewRun, Origin, Provider, Repository, RepositoryId, RequestTime, Run, RunId, RunSequence,
    SeededRandom, StepId, StopRequest, SystemRandom, Ticket, TraceId, Trigger,
};
use endpoints::{Config, Durability, Endpoints};
use jiff::Timestamp;
use store::Store;
use testkit::{IMPLEMENT, create_table};

pub(crate) struct World {
    pub(crate) endpoints: Endpoints,
    pub(crate) client: Client,
    pub(crate) store: Store,
}

pub(crate) const TABLE: &str = "switchyard";

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

pub(crate) async fn world() -> World {
    let endpoints = Endpoints::start(Config {
        listen: "127.0.0.1:0".parse().unwrap(),
        state: PathBuf::new(),
        clock: Arc::new(|| at(0)),
        durability: Durability::Memory,
    })
    .await
    .unwrap();
    let client = Client::new(&endpoints::sdk_config(endpoints.url()));
    create_table(&client, TABLE).await;
    World {
        endpoints,
        store: Store::new(client.clone(), TABLE, Arc::new(SystemRandom)),
        client,
    }
}

pub(crate) fn delivery_key(id: &str) -> DeliveryKey {
    DeliveryKey {
        provider: Provider::Github,
        installation: InstallationId(7),
        id: id.parse().unwrap(),
    }
}

pub(crate) fn run(sequence: RunSequence, seed: u64) -> Run {
    let random = SeededRandom::new(seed);
    let new = NewRun {
        id: RunId::mint(at(0), &random),
        step: StepId::mint(at(0), &random),
        job: Job::queued(JobId::mint(at(0), &random)),
        ticket: Ticket {
            tenant: "ten_acme".parse().unwrap(),
            provider: Provider::Github,
            installation: InstallationId(7),
            repository: Repository {
                id: RepositoryId(3),
                owner: "octo-demo-organisation".parse().unwrap(),
                name: "widgets-of-a-longer-name".parse().unwrap(),
            },
            number: ItemNumber(42),
            kind: ItemKind::Issue,
        },
        definition: DefinitionRef {
            name: IMPLEMENT,
            version: 1,
        },
        sequence,
        revision: None,
        origin: Origin {
            delivery: delivery_key("72d3162e-cc78-11e3-81ab-4c9367dc0958"),
            requester: "ada-lovelace-of-london".parse().unwrap(),
            trigger: Trigger::Comment(CommentId(2_468_013_579)),
            asked: RequestTime::of_comment(at(0), CommentId(2_468_013_579)),
            trace: TraceId::mint(&random),
        },
    };
    Run::start(new, at(0))
}

pub(crate) fn stop_request(guid: &str, second: i64) -> StopRequest {
    StopRequest {
        by: "ada".parse().unwrap(),
        asked: RequestTime::of(at(second)),
        delivery: delivery_key(guid),
    }
}
