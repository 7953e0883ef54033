//! What is read to base a change on, and the compare-and-swap that makes it.

use aws_sdk_dynamodb::types::AttributeValue;

use crate::{
    Store, StoreError,
    item::{Condition, Item, Put, key_of},
    keys::{Key, Name},
};

/// The version of what was just put.
const FIRST: u64 = 1;

/// Something as it was read, with the version that a change of it states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Versioned<T> {
    value: T,
    version: u64,
}

impl<T> Versioned<T> {
    pub(crate) const fn new(value: T, version: u64) -> Self {
        Self { value, version }
    }

    /// The thing itself.
    pub const fn value(&self) -> &T {
        &self.value
    }

    /// The thing itself.
    pub fn into_value(self) -> T {
        self.value
    }
}

/// What became of a write that was based on what was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Swap<T> {
    /// It is stored.
    Written(Versioned<T>),
    /// Another one was quicker, and this is there.
    Newer(Versioned<T>),
    /// There is nothing any more.
    Gone,
}

/// A record of something that changes by compare-and-swap.
pub(crate) trait SwapRecord: Sized {
    type Value;

    /// The record of a value, as this write of it.
    fn item(key: &Key, value: &Self::Value, written: WriteStamp) -> Result<Item, StoreError>;

    /// The value in an item, with its version.
    fn read(name: &Name, item: Item) -> Result<Versioned<Self::Value>, StoreError>;
}

/// What tells one write from another one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WriteStamp {
    /// The version that it leads to.
    pub(crate) version: u64,
    /// A number that only its own writer knows, so that a write whose answer was lost is known again.
    pub(crate) write: u32,
}

impl Store {
    fn stamp(&self, version: u64) -> WriteStamp {
        let mut write = [0; 4];
        self.random.fill(&mut write);
        WriteStamp {
            version,
            write: u32::from_le_bytes(write),
        }
    }

    /// Reads what is at `name`.
    pub(crate) async fn versioned<R: SwapRecord>(
        &self,
        name: &Name,
    ) -> Result<Option<Versioned<R::Value>>, StoreError> {
        let item = self.read(&name.key()).await?;
        item.map(|item| R::read(name, item)).transpose()
    }

    /// Puts a value where nothing is.
    pub(crate) async fn put_versioned<R: SwapRecord>(
        &self,
        name: &Name,
        value: R::Value,
    ) -> Result<Swap<R::Value>, StoreError> {
        let item = R::item(&name.key(), &value, self.stamp(FIRST))?;
        match self.put(item, Condition::absent()).await? {
            Put::Written => Ok(Swap::Written(Versioned::new(value, FIRST))),
            Put::Refused(there) => newer::<R>(name, there),
        }
    }

    /// Puts `next` over what was read, if nobody else has changed it since.
    pub(crate) async fn compare_and_swap<R: SwapRecord>(
        &self,
        name: &Name,
        read: u64,
        next: R::Value,
    ) -> Result<Swap<R::Value>, StoreError> {
        let version = read.saturating_add(1);
        let item = R::item(&name.key(), &next, self.stamp(version))?;
        match self.put(item, Condition::version(read)).await? {
            Put::Written => Ok(Swap::Written(Versioned::new(next, version))),
            Put::Refused(there) => newer::<R>(name, there),
        }
    }
}

impl<T> Versioned<T> {
    /// The version that a change of it states.
    pub(crate) const fn version(&self) -> u64 {
        self.version
    }
}

impl Condition {
    pub(crate) fn version(read: u64) -> Self {
        Self {
            expression: "version = :version",
            values: vec![(":version", AttributeValue::N(read.to_string()))],
        }
    }
}

fn newer<R: SwapRecord>(name: &Name, there: Option<Item>) -> Result<Swap<R::Value>, StoreError> {
    let Some(there) = there else {
        return Ok(Swap::Gone);
    };
    Ok(Swap::Newer(R::read(name, there)?))
}

/// The name under which an item is kept.
pub(crate) fn name_of(item: &Item) -> Result<Name, StoreError> {
    let key = key_of(item)?;
    Name::parse(&key).ok_or_else(|| StoreError::Corrupt {
        key: key.to_string(),
        what: "not a key of ours".to_owned(),
    })
}
