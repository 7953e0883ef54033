//! Where a run is found.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{DefinitionName, SubjectKey};

/// The number of a run among those of the same definition and subject, from 1. The next one is only given out when
/// the one before has finished, which is what keeps two from being at work at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunSequence(pub u32);

impl RunSequence {
    /// The first run of a definition on a subject.
    pub const FIRST: Self = Self(1);

    /// The one after this.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for RunSequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// Where a run is found.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RunKey {
    /// Its subject.
    pub subject: SubjectKey,
    /// The name of its definition.
    pub name: DefinitionName,
    /// Its number among those.
    pub sequence: RunSequence,
}
