//! What was asked, written once and read at each claim.

use contract::PackedBody;
use domain::{RunId, SubjectKey};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Store, StoreError,
    item::{Condition, item, record},
    keys::Name,
};

/// How long a brief is kept: far longer than a run can live.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);
/// More than any issue with its comment can have.
const LIMIT: usize = 1024 * 1024;

/// What was asked, as it was when it was asked. All of it is untrusted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Brief {
    /// The item's title.
    pub title: String,
    /// The item's text.
    pub body: String,
    /// The comment that asked, if it was a comment.
    pub request: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct BriefRecord {
    packed: PackedBody,
    ttl: i64,
}

impl Store {
    /// Stores the brief of a run that is about to be created. It is named by the run's own id, so nobody
    /// else writes it; one whose run never comes is forgotten in time.
    pub async fn put_brief(
        &self,
        subject: &SubjectKey,
        run: RunId,
        brief: &Brief,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let key = Name::Brief(subject.clone(), run).key();
        let json = serde_json::to_vec(brief).map_err(|error| StoreError::Corrupt {
            key: key.to_string(),
            what: error.to_string(),
        })?;
        let record = BriefRecord {
            packed: PackedBody::pack(&json),
            ttl: (now + KEPT).as_second(),
        };
        self.put(item(&key, &record)?, Condition::absent()).await?;
        Ok(())
    }

    /// The brief of a run.
    pub async fn brief(
        &self,
        subject: &SubjectKey,
        run: RunId,
    ) -> Result<Option<Brief>, StoreError> {
        let key = Name::Brief(subject.clone(), run).key();
        let Some(found) = self.read(&key).await? else {
            return Ok(None);
        };
        let corrupt = |what: String| StoreError::Corrupt {
            key: key.to_string(),
            what,
        };
        let record: BriefRecord = record(found)?;
        let json = record
            .packed
            .unpack(LIMIT)
            .map_err(|error| corrupt(error.to_string()))?;
        serde_json::from_slice(&json)
            .map(Some)
            .map_err(|error| corrupt(error.to_string()))
    }
}
