//! Instants as numbers, and the shard of what is due.

use jiff::Timestamp;

use crate::keys::Key;

/// How many partitions of the index share the load of what is due.
pub(crate) const SHARDS: u32 = 4;

pub(crate) fn to_millis(at: Timestamp) -> i64 {
    at.as_millisecond()
}

pub(crate) fn from_millis(millis: i64) -> Result<Timestamp, String> {
    Timestamp::from_millisecond(millis).map_err(|_| format!("{millis} is no instant"))
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
