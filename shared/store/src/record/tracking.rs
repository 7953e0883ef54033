//! A place where a run is told, in an item of its own.

use domain::{MessageId, PosterId, TrackingPlace, TrackingState};
use serde::{Deserialize, Serialize};

use super::{DueRecord, WrongRecord, check_shape, from_millis, to_millis};
use crate::{
    StoreError,
    item::{Item, item, record},
    keys::{Key, Name},
    versioned::{SwapRecord, Versioned, WriteStamp},
};

/// The version of this shape.
const SHAPE: u32 = 1;

/// A place as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TrackingRecord {
    shape: u32,
    version: u64,
    write: u32,
    state: StateRecord,
    #[serde(flatten)]
    due: DueRecord,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
enum StateRecord {
    Posting { poster: u32, until: i64 },
    PutOff,
    Announced { message: MessageId },
    Told { message: MessageId },
    Unreachable,
}

impl SwapRecord for TrackingRecord {
    type Value = TrackingPlace;

    fn item(key: &Key, place: &TrackingPlace, stamp: WriteStamp) -> Result<Item, StoreError> {
        let record = Self {
            shape: SHAPE,
            version: stamp.version,
            write: stamp.write,
            state: StateRecord::of(place.state()),
            due: DueRecord::of(key, place.due_at()),
        };
        item(key, &record)
    }

    fn read(name: &Name, item: Item) -> Result<Versioned<TrackingPlace>, StoreError> {
        let record: Self = record(item)?;
        let version = record.version;
        let place = record.into_place();
        let place = place.map_err(|wrong| wrong.at(&name.key()))?;
        Ok(Versioned::new(place, version))
    }
}

impl TrackingRecord {
    fn into_place(self) -> Result<TrackingPlace, WrongRecord> {
        check_shape(self.shape, SHAPE)?;
        let state = match self.state {
            StateRecord::Posting { poster, until } => TrackingState::Posting {
                poster: PosterId(poster),
                until: from_millis(until)?,
            },
            StateRecord::PutOff => TrackingState::PutOff,
            StateRecord::Announced { message } => TrackingState::Announced(message),
            StateRecord::Told { message } => TrackingState::Told(message),
            StateRecord::Unreachable => TrackingState::Unreachable,
        };
        Ok(TrackingPlace::new(state, self.due.into_time()?))
    }
}

impl StateRecord {
    fn of(state: TrackingState) -> Self {
        match state {
            TrackingState::Posting { poster, until } => Self::Posting {
                poster: poster.0,
                until: to_millis(until),
            },
            TrackingState::PutOff => Self::PutOff,
            TrackingState::Announced(message) => Self::Announced { message },
            TrackingState::Told(message) => Self::Told { message },
            TrackingState::Unreachable => Self::Unreachable,
        }
    }
}
