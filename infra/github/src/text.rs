//! Small conversions: times, ids and random values as text.

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use jiff::Timestamp;
use ring::digest;

use crate::error::Error;

/// Seconds since 1970 as GitHub writes times.
pub(crate) fn time(seconds: i64) -> String {
    Timestamp::from_second(seconds)
        .unwrap_or_default()
        .to_string()
}

/// The opaque global id of an object.
pub(crate) fn node_id(prefix: &str, id: u64) -> String {
    format!("{prefix}_{}", BASE64URL_NOPAD.encode(&id.to_be_bytes()))
}

/// SHA-256 in hex; the only form in which tokens are kept.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(digest::digest(&digest::SHA256, bytes).as_ref())
}

/// Fresh random bytes.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::Corrupt(format!("no randomness: {error}")))?;
    Ok(bytes)
}

/// A fresh GUID for a delivery or a request.
pub(crate) fn guid() -> Result<String, Error> {
    Ok(uuid::Builder::from_random_bytes(random()?)
        .into_uuid()
        .to_string())
}
