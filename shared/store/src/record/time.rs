//! Instants as numbers, and the shard of what is due.

use domain::RequestTime;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::keys::Key;

/// How many partitions of the index share the load of what is due.
pub(crate) const SHARDS: u32 = 16;

pub(crate) fn to_millis(at: Timestamp) -> i64 {
    at.as_millisecond()
}

pub(crate) fn from_millis(millis: i64) -> Result<Timestamp, String> {
    Timestamp::from_millisecond(millis).map_err(|_| format!("{millis} is no instant"))
}

/// When a request was made: milliseconds, and after a dot the number that tells it from others, if there is one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct RequestTimeRecord(String);

impl RequestTimeRecord {
    pub(crate) fn of(time: &RequestTime) -> Self {
        let millis = to_millis(time.at());
        Self(match time.number() {
            Some(number) => format!("{millis}.{number}"),
            None => millis.to_string(),
        })
    }

    pub(crate) fn into_time(self) -> Result<RequestTime, String> {
        let wrong = || format!("{} is no request's time", self.0);
        let (millis, number) = match self.0.split_once('.') {
            Some((millis, number)) => (millis, Some(number)),
            None => (self.0.as_str(), None),
        };
        let at = from_millis(millis.parse().map_err(|_| wrong())?)?;
        Ok(match number {
            Some(number) => RequestTime::numbered(at, number.parse().map_err(|_| wrong())?),
            None => RequestTime::of(at),
        })
    }
}

/// The shard of a key: FNV-1a of its text, the same for ever.
pub(crate) fn shard(key: &Key) -> String {
    let bytes = key.pk.bytes().chain(key.sk.bytes());
    let hash = bytes.fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    shard_name(hash % SHARDS)
}

pub(crate) fn shard_name(number: u32) -> String {
    format!("due#{number}")
}
