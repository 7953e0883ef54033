//! One attempt at a delivery: what is known of it so far.

use domain::{Delivery, DeliveryKey, Intent, Trying, Verdict};
use jiff::Timestamp;
use store::Versioned;

use crate::{request::Request, trace::Trace};

/// What is known of a delivery so far, for whatever becomes of it.
#[derive(Debug)]
pub(crate) struct Pass {
    pub(crate) trace: Trace,
    pub(crate) key: Option<DeliveryKey>,
    /// What is on record.
    pub(crate) read: Option<Versioned<Delivery>>,
    pub(crate) request: Option<Request>,
}

impl Pass {
    fn verdict(&self) -> Option<&Verdict> {
        self.read.as_ref().map(|read| &read.value().verdict)
    }

    /// How often it has been interrupted.
    pub(crate) fn attempts(&self) -> u32 {
        match self.verdict() {
            Some(Verdict::Interrupted { attempts, .. }) => *attempts,
            _ => 0,
        }
    }

    /// What it is about to do, if that is on record.
    pub(crate) fn intent(&self) -> Option<Intent> {
        self.verdict().and_then(Verdict::intent)
    }

    /// The record, if nothing is left to do for it at `now`.
    pub(crate) fn decided(&self, now: Timestamp) -> Option<Delivery> {
        let read = self.read.as_ref()?.value();
        (!is_open(read, now)).then(|| read.clone())
    }
}

/// Whether something is left to do for a delivery at `now`. What is on record to be done is done, however long that takes;
/// what is not is tried for a while.
pub(crate) fn is_open(delivery: &Delivery, now: Timestamp) -> bool {
    let verdict = &delivery.verdict;
    let tried = matches!(verdict, Verdict::Interrupted { .. });
    verdict.intent().is_some() || (tried && delivery.trying(now) == Trying::Again)
}
