//! The record of a delivery while it is dealt with.

use domain::{Delivery, StepName, TraceStep, Verdict};
use jiff::Timestamp;
use store::{Store, StoreError, Swap, Versioned};

/// A delivery that is being dealt with: what was read of its record, and what is to be written. Every write states what
/// was read, so that of two that deal with it at once one goes on.
#[derive(Clone, Debug)]
pub struct OpenDelivery {
    read: Option<Versioned<Delivery>>,
    next: Delivery,
}

/// Another one deals with the delivery at the same time, and has put something else on record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raced;

impl OpenDelivery {
    /// A delivery of which `read` is on record, and `next` is to be.
    pub const fn new(read: Option<Versioned<Delivery>>, next: Delivery) -> Self {
        Self { read, next }
    }

    /// What is on record, if anything is.
    pub const fn read(&self) -> Option<&Versioned<Delivery>> {
        self.read.as_ref()
    }

    /// What is to be put on record, or was just put.
    pub const fn delivery(&self) -> &Delivery {
        &self.next
    }

    /// The same.
    pub fn into_delivery(self) -> Delivery {
        self.next
    }

    /// Whether exactly this is on record.
    pub fn says(&self, verdict: &Verdict) -> bool {
        let there = self.read.as_ref().map(|read| &read.value().verdict);
        there == Some(verdict)
    }

    /// Notes a decision.
    pub fn note(&mut self, at: Timestamp, step: StepName, detail: impl Into<String>) {
        let detail = detail.into();
        self.next.steps.push(TraceStep { at, step, detail });
    }

    /// Puts a verdict on record, with the decisions that led to it.
    pub async fn swap(
        &mut self,
        store: &Store,
        verdict: Verdict,
        now: Timestamp,
    ) -> Result<Result<(), Raced>, StoreError> {
        let answer = verdict.has_words();
        self.next.due_at = answer.then(|| now + Delivery::FIRST_LOOK);
        self.next.verdict = verdict;
        let swap = store.swap_delivery(self.read.as_ref(), &self.next, now);
        Ok(match swap.await? {
            Swap::Written(there) => {
                self.read = Some(there);
                Ok(())
            }
            Swap::Newer(_) | Swap::Gone => Err(Raced),
        })
    }
}
