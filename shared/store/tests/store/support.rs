//! A store on a table in memory, and a run to keep in it.

use std::sync::Arc;

use aws_local::{Config, Endpoints};
use aws_sdk_dynamodb::Client;
use domain::{
    Connection, DefinitionRef, DeliveryKey, Repository, RepositoryId, RequestTime, RunHead, RunId,
    RunOrder, RunSequence, SeededRandom, StopRequest, SystemRandom, TraceId,
};
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
    let endpoints = Endpoints::start(Config::in_memory(Arc::new(|| at(0))))
        .await
        .unwrap();
    let client = Client::new(&aws_local::sdk_config(endpoints.url()));
    create_table(&client, TABLE).await;
    World {
        endpoints,
        store: Store::new(client.clone(), TABLE, Arc::new(SystemRandom)),
        client,
    }
}

pub(crate) fn delivery_key(id: &str) -> DeliveryKey {
    DeliveryKey::by(&connection(), id.parse().unwrap())
}

pub(crate) fn connection() -> Connection {
    testkit::connection("acme", 60_300_117)
}

/// What is to be run, by a number.
pub(crate) fn order(seed: u64) -> RunOrder {
    let random = SeededRandom::new(seed);
    let widgets = Repository {
        id: RepositoryId::from(771_200_345),
        owner: "octo-demo-organisation".parse().unwrap(),
        name: "widgets-of-a-longer-name".parse().unwrap(),
    };
    let delivery = "72d3162e-cc78-11e3-81ab-4c9367dc0958";
    let requester = "ada-lovelace-of-london";
    let trace = TraceId::mint(&random);
    RunOrder {
        id: RunId::mint(at(0), &random),
        subject: testkit::issue(&connection(), &widgets, 42),
        target: testkit::code(&connection(), &widgets),
        definition: DefinitionRef {
            name: IMPLEMENT,
            version: 1,
        },
        origin: testkit::origin(delivery, requester, 2_468_013_579, at(0), trace),
    }
}

/// The head of a run that was just put.
pub(crate) fn head(sequence: RunSequence, seed: u64) -> RunHead {
    RunHead::put(order(seed), sequence, at(0))
}

pub(crate) fn stop_request(guid: &str, second: i64) -> StopRequest {
    StopRequest {
        by: testkit::requester("ada"),
        asked: RequestTime::of(at(second)),
        delivery: guid.parse().unwrap(),
    }
}
