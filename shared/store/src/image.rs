//! What the table's stream shows of an item.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::{
    EventBatch, Seen, StoreError, events,
    item::key_of,
    keys::{Key, Name},
    runs,
};

/// A state of something that is told of, as a record of the stream shows it. It was true when the record was
/// written; something newer may be in the table by now.
#[derive(Clone, Debug)]
pub enum Image {
    /// A run.
    Run(Box<Seen>),
    /// A batch of news.
    Events(EventBatch),
}

impl Image {
    /// Reads an image, checked like everything that is read from the table. None if it is of something else.
    pub fn read(item: HashMap<String, AttributeValue>) -> Result<Option<Self>, StoreError> {
        let key: Key = key_of(&item)?;
        match Name::parse(&key) {
            Some(Name::Run(_)) => runs::parse(item).map(|seen| Some(Self::Run(Box::new(seen)))),
            Some(Name::Events { run, fence, first }) => {
                events::parse(item, run, fence, first).map(|batch| Some(Self::Events(batch)))
            }
            _ => Ok(None),
        }
    }
}
