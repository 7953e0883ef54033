//! The log of requests, for tests that assert on what the product asked.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// How many requests are remembered; older ones are forgotten first.
const KEPT: usize = 10_000;

/// One answered request. Headers and bodies are not kept, so no token can be in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestRecord {
    /// HTTP method.
    pub method: String,
    /// Path without the query.
    pub path: String,
    /// Status that was answered; 0 if the connection was dropped.
    pub status: u16,
    /// Whether a fault rule met it.
    pub faulted: bool,
}

/// The newest requests, in memory only.
#[derive(Debug, Default)]
pub(crate) struct RequestLog {
    records: Mutex<VecDeque<RequestRecord>>,
}

impl RequestLog {
    pub(crate) fn add(&self, record: RequestRecord) {
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        if records.len() == KEPT {
            records.pop_front();
        }
        records.push_back(record);
    }

    pub(crate) fn all(&self) -> Vec<RequestRecord> {
        let records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        records.iter().cloned().collect()
    }
}
