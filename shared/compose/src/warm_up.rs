//! Connections that are opened before the first event needs them.

use std::{collections::HashMap, hash::BuildHasher, sync::Arc};

use contract::JobMessage;
use domain::SystemRandom;
use futures_util::future::join_all;
use kit::Clients;
use queues::Queue;
use settings::{JOBS_QUEUE_URL, TABLE_NAME};
use store::Store;

/// A connection of a function's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    /// To the table.
    Table,
    /// To the queues, which are all at one address.
    Queues,
}

/// Opens `connections`, all at once. The environment is all it knows, so that it can go on while the parameters are
/// read; what that does not name is left out.
pub async fn warm_up(
    connections: &[Connection],
    vars: &HashMap<String, String, impl BuildHasher>,
    aws: &Clients,
) {
    let all = connections.iter().map(|connection| async move {
        match connection {
            Connection::Table => {
                if let Some(table) = TABLE_NAME.of(vars) {
                    let store = Store::new(aws.dynamodb(), table, Arc::new(SystemRandom));
                    store.warm_up().await;
                }
            }
            Connection::Queues => {
                if let Some(url) = JOBS_QUEUE_URL.of(vars) {
                    Queue::<JobMessage>::new(aws.sqs(), url).warm_up().await;
                }
            }
        }
    });
    join_all(all).await;
}
