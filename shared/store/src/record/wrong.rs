//! What makes a record one that cannot be read.

use domain::{HeadError, StepError};

use crate::{StoreError, keys::Key};

/// Why a record cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum WrongRecord {
    /// A newer writer has left it, whose code will be here soon.
    #[error("its shape {shape} is not known yet")]
    Newer {
        /// Its shape.
        shape: u32,
    },
    /// It has no shape.
    #[error("it has no shape")]
    Shapeless,
    /// A due time without its shard, or the other way round.
    #[error("half a due time")]
    HalfDue,
    /// What it says makes no sense.
    #[error("{0}")]
    Nonsense(String),
}

impl From<String> for WrongRecord {
    fn from(what: String) -> Self {
        Self::Nonsense(what)
    }
}

impl From<HeadError> for WrongRecord {
    fn from(error: HeadError) -> Self {
        Self::Nonsense(error.to_string())
    }
}

impl From<StepError> for WrongRecord {
    fn from(error: StepError) -> Self {
        Self::Nonsense(error.to_string())
    }
}

impl WrongRecord {
    /// What it means for whoever has read the record at `key`.
    pub(crate) fn at(self, key: &Key) -> StoreError {
        let key = key.to_string();
        match self {
            Self::Newer { shape } => StoreError::Newer { key, shape },
            other => StoreError::Corrupt {
                key,
                what: other.to_string(),
            },
        }
    }
}
