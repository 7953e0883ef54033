//! What tells leases apart.

use serde::{Deserialize, Serialize};

/// A number that grows with every lease of a job. A write under an older fence is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fence(pub u32);

impl Fence {
    /// The fence of a job that nobody has leased yet.
    pub const NONE: Self = Self(0);
}
