//! News of a run.

use domain::{Fence, ProgressEvent, RunKey};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Store, StoreError,
    item::{Condition, Item, item, key_of, record},
    keys::{Name, events_prefix, ticket_pk},
};

/// How long news is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Several pieces of news told at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventBatch {
    /// The run they are about.
    pub run: RunKey,
    /// The lease under which they were told.
    pub fence: Fence,
    /// How many pieces of news that lease had told before.
    pub first: u32,
    /// The news.
    pub events: Vec<ProgressEvent>,
}

impl EventBatch {
    /// How many pieces of news the lease has told with this batch and those before.
    pub fn next(&self) -> u32 {
        let told = u32::try_from(self.events.len()).unwrap_or(u32::MAX);
        self.first.saturating_add(told)
    }
}

/// The newest news told under a lease.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewestNews {
    /// The news, oldest first.
    pub events: Vec<ProgressEvent>,
    /// How many pieces of news the lease has told so far.
    pub next: u32,
}

#[derive(Debug, Serialize, Deserialize)]
struct EventsRecord {
    events: Vec<ProgressEvent>,
    ttl: i64,
}

impl Store {
    /// Stores a batch of news. The precondition is that its place is free: the same batch told twice is
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

    /// The newest news told under a lease, oldest first, from at most `batches` batches.
    pub async fn newest_events(
        &self,
        run: &RunKey,
        fence: Fence,
        batches: i32,
    ) -> Result<Vec<ProgressEvent>, StoreError> {
        Ok(self.newest_news(run, fence, batches).await?.events)
    }

    /// The same, with how much news there is in all.
    pub async fn newest_news(
        &self,
        run: &RunKey,
        fence: Fence,
        batches: i32,
    ) -> Result<NewestNews, StoreError> {
        let items = self
            .newest(ticket_pk(&run.ticket), events_prefix(run, fence), batches)
            .await?;
        let mut news = NewestNews::default();
        for item in items.into_iter().rev() {
            let key = key_of(&item)?;
            let Some(Name::Events { run, fence, first }) = Name::parse(&key) else {
                return Err(StoreError::Corrupt {
                    key: key.to_string(),
                    what: "not a key of news".to_owned(),
                });
            };
            let batch = parse(item, run, fence, first)?;
            news.next = batch.next();
            news.events.extend(batch.events);
        }
        Ok(news)
    }
}

/// The news in an item.
pub(crate) fn parse(
    item: Item,
    run: RunKey,
    fence: Fence,
    first: u32,
) -> Result<EventBatch, StoreError> {
    let record: EventsRecord = record(item)?;
    Ok(EventBatch {
        run,
        fence,
        first,
        events: record.events,
    })
}
