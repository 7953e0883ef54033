//! The optimistic version of a run's head.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The optimistic version of a head: grows with every commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HeadVersion(pub u64);

impl HeadVersion {
    /// The version with which a head is put.
    pub const FIRST: Self = Self(1);

    /// The one that a commit on this leads to.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for HeadVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
