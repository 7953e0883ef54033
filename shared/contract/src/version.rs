//! The version number that every message carries.

use serde::{Deserialize, Serialize};

/// A message's version, fixed by its type: reading any other number fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Version<const N: u32>;

/// A message has a version that this code does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("message version {found} is not {known}")]
pub struct VersionError {
    found: u32,
    known: u32,
}

impl<const N: u32> TryFrom<u32> for Version<N> {
    type Error = VersionError;
    fn try_from(found: u32) -> Result<Self, VersionError> {
        if found == N {
            Ok(Self)
        } else {
            Err(VersionError { found, known: N })
        }
    }
}

impl<const N: u32> From<Version<N>> for u32 {
    fn from(_: Version<N>) -> Self {
        N
    }
}
