//! One queue, found by its address, its name or its ARN.

use rusqlite::{OptionalExtension as _, Row, params};

use super::Work;
use super::attributes::{Settings, Texts};
use super::error::SqsError;
use crate::{ACCOUNT, REGION};

/// A queue as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Queue {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) created: i64,
    pub(super) modified: i64,
    pub(super) purged: Option<i64>,
    pub(super) settings: Settings,
    pub(super) tags: Texts,
}

/// The columns a queue is read from, in order.
pub(super) const COLUMNS: &str = "id, name, created_ms, modified_ms, purged_ms, attributes, tags";

impl Queue {
    /// The queue at an address. Only the last part of the address counts, so that it may have been
    /// given out under another host name or port.
    pub(super) fn at(work: &Work<'_>, url: Option<&str>) -> Result<Self, SqsError> {
        let url = url
            .filter(|url| !url.is_empty())
            .ok_or_else(|| SqsError::missing("QueueUrl"))?;
        let name = url.rsplit('/').next().unwrap_or_default();
        Self::named(work, name)?.ok_or_else(SqsError::queue_missing)
    }

    pub(super) fn named(work: &Work<'_>, name: &str) -> Result<Option<Self>, SqsError> {
        let sql = format!("SELECT {COLUMNS} FROM queues WHERE name = ?1");
        let mut statement = work.tx.prepare_cached(&sql)?;
        Ok(statement.query_row(params![name], Self::read).optional()?)
    }

    pub(super) fn with_arn(work: &Work<'_>, arn: &str) -> Result<Option<Self>, SqsError> {
        match arn.strip_prefix(&format!("arn:aws:sqs:{REGION}:{ACCOUNT}:")) {
            Some(name) => Self::named(work, name),
            None => Ok(None),
        }
    }

    /// All queues, by name.
    pub(super) fn all(work: &Work<'_>) -> Result<Vec<Self>, SqsError> {
        let sql = format!("SELECT {COLUMNS} FROM queues ORDER BY name");
        let mut statement = work.tx.prepare_cached(&sql)?;
        let rows = statement.query_map([], Self::read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let texts = |column: &str| -> rusqlite::Result<Texts> {
            Ok(serde_json::from_str(&row.get::<_, String>(column)?).unwrap_or_default())
        };
        Ok(Self {
            id: row.get("id")?,
            name: row.get("name")?,
            created: row.get("created_ms")?,
            modified: row.get("modified_ms")?,
            purged: row.get("purged_ms")?,
            settings: Settings(texts("attributes")?),
            tags: texts("tags")?,
        })
    }

    pub(super) fn arn(&self) -> String {
        format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{}", self.name)
    }

    pub(super) fn url(&self, base: &str) -> String {
        format!("{base}/{ACCOUNT}/{}", self.name)
    }

    /// Writes settings and tags back.
    pub(super) fn save(&self, work: &Work<'_>) -> Result<(), SqsError> {
        work.tx.execute(
            "UPDATE queues SET modified_ms = ?2, purged_ms = ?3, attributes = ?4, tags = ?5
                WHERE id = ?1",
            params![
                self.id,
                self.modified,
                self.purged,
                text(&self.settings.0),
                text(&self.tags)
            ],
        )?;
        Ok(())
    }

    /// Removes the messages whose retention has passed.
    pub(super) fn forget_old(&self, work: &Work<'_>) -> Result<(), SqsError> {
        let oldest = work.now - self.settings.millis("MessageRetentionPeriod");
        work.tx
            .prepare_cached("DELETE FROM messages WHERE queue_id = ?1 AND sent_ms <= ?2")?
            .execute(params![self.id, oldest])?;
        Ok(())
    }
}

/// Texts as they are stored.
pub(super) fn text(texts: &Texts) -> String {
    serde_json::json!(texts).to_string()
}
