//! What AWS would bill for.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use crate::db::lock;

/// What has been used since the last [`Meter::reset`].
#[derive(Clone, Debug, Default)]
pub struct Meter(Arc<Mutex<Counts>>);

impl Meter {
    /// What has been used so far.
    pub fn counts(&self) -> Counts {
        lock(&self.0).clone()
    }

    /// Starts again from nothing, and hands out what there was.
    pub fn reset(&self) -> Counts {
        std::mem::take(&mut *lock(&self.0))
    }

    pub(crate) fn update(&self, change: impl FnOnce(&mut Counts)) {
        change(&mut lock(&self.0));
    }
}

/// Everything counted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counts {
    /// All of DynamoDB.
    pub dynamodb: Units,
    /// DynamoDB by operation, such as `PutItem`. Stream operations are here too; they use no units.
    pub dynamodb_operations: BTreeMap<String, Units>,
    /// DynamoDB by `TABLE` and `TABLE/INDEX`. An entry's `requests` counts the requests that used
    /// units there.
    pub dynamodb_resources: BTreeMap<String, Units>,
    /// SQS by action and queue name. Actions without a queue have an empty name.
    pub sqs: BTreeMap<(String, String), Requests>,
    /// S3 requests by operation, such as `PutObject`.
    pub s3: BTreeMap<String, u64>,
}

impl Counts {
    /// All requests to SQS.
    pub fn sqs_total(&self) -> Requests {
        self.sqs
            .values()
            .fold(Requests::default(), |sum, one| Requests {
                requests: sum.requests + one.requests,
                billed: sum.billed + one.billed,
            })
    }

    /// The requests with one SQS action, to all queues.
    pub fn sqs_action(&self, action: &str) -> Requests {
        self.sqs
            .iter()
            .filter(|((name, _), _)| name == action)
            .fold(Requests::default(), |sum, (_, one)| Requests {
                requests: sum.requests + one.requests,
                billed: sum.billed + one.billed,
            })
    }

    /// All requests to S3.
    pub fn s3_total(&self) -> u64 {
        self.s3.values().sum()
    }
}

/// DynamoDB requests and the on-demand units they used.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Units {
    /// Requests answered, those refused included.
    pub requests: u64,
    /// Write request units: 1 KB each, twice in transactions.
    pub write: f64,
    /// Read request units: 4 KB each, half of that when eventually consistent.
    pub read: f64,
}

impl Units {
    pub(crate) fn add(&mut self, other: Self) {
        self.requests += other.requests;
        self.write += other.write;
        self.read += other.read;
    }
}

/// SQS requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Requests {
    /// Requests answered, empty receives and refusals included.
    pub requests: u64,
    /// What is billed: a request counts once for each 64 KB of payload begun.
    pub billed: u64,
}
