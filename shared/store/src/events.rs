//! What a daemon has told of its progress with a run.

use domain::{Fence, ProgressEvent, RunKey};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Store, StoreError,
    item::{Condition, item, record},
    keys::{Name, events_prefix, subject_pk},
};

/// How long progress events are kept.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Several progress events that a daemon told at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventBatch {
    /// The run they are about.
    pub run: RunKey,
    /// The lease under which they were told.
    pub fence: Fence,
    /// How many events that lease had told before.
    pub first: u32,
    /// The events, oldest first.
    pub events: Vec<ProgressEvent>,
}

#[derive(Debug, Serialize, Deserialize)]
struct EventsRecord {
    events: Vec<ProgressEvent>,
    ttl: i64,
}

impl Store {
    /// Stores a batch of events. The precondition is that its place is free: the same batch told twice is
    /// stored once, and what was told first stands.
    pub async fn add_events(&self, batch: &EventBatch, now: Timestamp) -> Result<(), StoreError> {
        let name = Name::Events {
            run: batch.run.clone(),
            fence: batch.fence,
            first: batch.first,
        };
        let ttl = (now + KEPT).as_second();
        let record = EventsRecord {
            events: batch.events.clone(),
            ttl,
        };
        self.put(item(&name.key(), &record)?, Condition::absent())
            .await?;
        Ok(())
    }

    /// The newest events told under a lease, oldest first, from at most `batches` batches.
    pub async fn newest_progress(
        &self,
        run: &RunKey,
        fence: Fence,
        batches: i32,
    ) -> Result<Vec<ProgressEvent>, StoreError> {
        let items = self
            .newest(subject_pk(&run.subject), events_prefix(run, fence), batches)
            .await?;
        let mut newest = Vec::new();
        for item in items.into_iter().rev() {
            let record: EventsRecord = record(item)?;
            newest.extend(record.events);
        }
        Ok(newest)
    }
}
