//! When what a provider could not bring was looked for, and how far back that is settled.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{DeliveryId, Provider};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Store, StoreError,
    item::{Condition, Put, item, record},
    keys::Name,
    record::{from_millis, to_millis},
};

#[derive(Debug, Serialize, Deserialize)]
struct GapRecord {
    /// When the next look is due. It also tells who looks now.
    turn: i64,
    /// Everything before is settled.
    since: i64,
    /// What is lost of what came after that.
    #[serde(default)]
    lost: Vec<DeliveryId>,
}

/// How many lost deliveries are remembered, so that the record stays small. What is forgotten is counted twice.
const LOST: usize = 1000;

/// A look that is this process's to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GapLook {
    /// How far back to look.
    pub since: Timestamp,
    /// What is known to be lost of what came after that.
    pub lost: Vec<DeliveryId>,
    turn: i64,
}

/// Whose turn it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GapTurn {
    /// Ours.
    Look(GapLook),
    /// Nobody's until then.
    Wait(Timestamp),
}

impl Store {
    /// Takes the turn to look, if it is due at `now`; the next one is due at `next`. The first one looks back to `first`.
    pub async fn take_gap_turn(
        &self,
        provider: Provider,
        now: Timestamp,
        next: Timestamp,
        first: Timestamp,
    ) -> Result<GapTurn, StoreError> {
        let key = Name::Gaps(provider).key();
        let before: Option<GapRecord> = self.read(&key).await?.map(record).transpose()?;
        let corrupt = |what: String| StoreError::Corrupt {
            key: key.to_string(),
            what,
        };
        let (since, lost, condition) = match before {
            Some(record) if record.turn > to_millis(now) => {
                return Ok(GapTurn::Wait(from_millis(record.turn).map_err(corrupt)?));
            }
            Some(record) => (
                from_millis(record.since).map_err(corrupt)?,
                record.lost,
                Condition::turn(record.turn),
            ),
            None => (first, Vec::new(), Condition::absent()),
        };
        let turn = to_millis(next);
        let record = GapRecord {
            turn,
            since: to_millis(since),
            lost,
        };
        match self.put(item(&key, &record)?, condition).await? {
            Put::Written => Ok(GapTurn::Look(GapLook {
                since,
                lost: record.lost,
                turn,
            })),
            Put::Refused(_) => Ok(GapTurn::Wait(next)),
        }
    }

    /// Notes how far back is settled and what is lost after that, unless somebody else has looked since.
    pub async fn end_gap_look(
        &self,
        provider: Provider,
        look: GapLook,
        settled_until: Option<Timestamp>,
        mut lost: Vec<DeliveryId>,
    ) -> Result<(), StoreError> {
        lost.truncate(LOST);
        let record = GapRecord {
            turn: look.turn,
            since: to_millis(settled_until.map_or(look.since, |until| until.max(look.since))),
            lost,
        };
        let item = item(&Name::Gaps(provider).key(), &record)?;
        self.put(item, Condition::turn(look.turn)).await?;
        Ok(())
    }
}

impl Condition {
    fn turn(turn: i64) -> Self {
        Self {
            expression: "turn = :turn",
            values: vec![(":turn", AttributeValue::N(turn.to_string()))],
        }
    }
}
