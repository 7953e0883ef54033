//! The due time that an item carries, and its shard in the index.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{WrongRecord, from_millis, shard, to_millis};
use crate::keys::Key;

/// The attributes that put an item into the index of what is due; none of both once nothing is left to do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DueRecord {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due_shard: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due_at: Option<i64>,
}

impl DueRecord {
    pub(crate) fn of(key: &Key, due_at: Option<Timestamp>) -> Self {
        Self {
            due_shard: due_at.map(|_| shard(key)),
            due_at: due_at.map(to_millis),
        }
    }

    pub(crate) fn into_time(self) -> Result<Option<Timestamp>, WrongRecord> {
        if self.due_shard.is_some() != self.due_at.is_some() {
            return Err(WrongRecord::HalfDue);
        }
        Ok(self.due_at.map(from_millis).transpose()?)
    }
}
