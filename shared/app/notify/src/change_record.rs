//! What a record of the table's stream is about.

use domain::{DeliveryKey, RunKey};
use store::keys::{Key, Name};

use crate::StreamRecord;

/// Which thing has changed. How it is now is read from the table, so that a record which comes twice, late or out
/// of order does no harm.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ChangeRecord {
    /// A run: its head, its step, where it is told, or its progress.
    Run(StreamRecord<RunKey>),
    /// A delivery.
    Delivery(StreamRecord<DeliveryKey>),
}

impl ChangeRecord {
    /// The record of a change under `key`. None if nobody is told of such things.
    pub fn of(key: &Key) -> Option<Self> {
        match Name::parse(key)? {
            Name::Run(run)
            | Name::Step(run, _)
            | Name::Tracking(run)
            | Name::Events { run, .. } => Some(Self::Run(StreamRecord::of(run))),
            Name::Delivery(delivery) => Some(Self::Delivery(StreamRecord::of(delivery))),
            Name::Ask(..)
            | Name::Findings(_)
            | Name::Brief(..)
            | Name::Stop(_)
            | Name::Answered(..)
            | Name::Slot { .. }
            | Name::Gaps(_) => None,
        }
    }
}
