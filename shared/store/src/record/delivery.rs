//! A delivery's record: small once decided, with its whole message while interrupted.

use contract::DeliveryMessage;
use domain::{Delivery, DeliveryKey, StepName, TraceId, TraceStep, Verdict};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{from_millis, shard, to_millis};
use crate::keys::Name;

const SHAPE: u32 = 1;
/// Providers send a delivery again for up to seven days; a day is added.
pub(crate) const KEPT: SignedDuration = SignedDuration::from_hours(8 * 24);

/// When a decision was taken, which one, and what was decided.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct TraceStepRecord(i64, StepName, String);

impl TraceStepRecord {
    fn of(step: &TraceStep) -> Self {
        Self(to_millis(step.at), step.step, step.detail.clone())
    }

    fn into_step(self) -> Result<TraceStep, String> {
        Ok(TraceStep {
            at: from_millis(self.0)?,
            step: self.1,
            detail: self.2,
        })
    }
}

/// A delivery as it is stored.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeliveryRecord {
    pk: Option<String>,
    sk: Option<String>,
    shape: u32,
    /// Grows with every write; a write states the one that it has seen.
    version: u64,
    trace: TraceId,
    at: i64,
    #[serde(rename = "is")]
    verdict: Verdict,
    steps: Vec<TraceStepRecord>,
    ttl: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_shard: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_at: Option<i64>,
}

impl DeliveryRecord {
    /// The record of a decided delivery, with its due time while its answer has not been told.
    pub(crate) fn of(delivery: &Delivery, version: u64) -> Self {
        let key = Name::Delivery(delivery.key.clone()).key();
        Self {
            pk: None,
            sk: None,
            shape: SHAPE,
            version,
            trace: delivery.trace.clone(),
            at: to_millis(delivery.received_at),
            verdict: delivery.verdict.clone(),
            steps: delivery.steps.iter().map(TraceStepRecord::of).collect(),
            ttl: (delivery.received_at + KEPT).as_second(),
            message: None,
            due_shard: delivery.due_at.map(|_| shard(&key)),
            due_at: delivery.due_at.map(to_millis),
        }
    }

    /// The same, with what is needed to take it up again.
    pub(crate) fn interrupted(delivery: &Delivery, version: u64, message: String) -> Self {
        Self {
            message: Some(message),
            ..Self::of(delivery, version)
        }
    }

    /// Whether the record may be forgotten by now. The table forgets late.
    pub(crate) fn outdated(&self, now: Timestamp) -> bool {
        self.ttl <= now.as_second()
    }

    /// How often it has been written.
    pub(crate) const fn version(&self) -> u64 {
        self.version
    }

    /// The message of an interrupted delivery.
    pub(crate) fn message(&self) -> Result<Option<DeliveryMessage>, String> {
        let message = self.message.as_deref();
        message
            .map(serde_json::from_str)
            .transpose()
            .map_err(|error| error.to_string())
    }

    /// The delivery that the record under `key` stands for.
    pub(crate) fn into_delivery(self, key: DeliveryKey) -> Result<Delivery, String> {
        let interrupted = matches!(self.verdict, Verdict::Interrupted { .. });
        if self.shape != SHAPE {
            return Err(format!("shape {} is not {SHAPE}", self.shape));
        }
        if self.message.is_some() != interrupted {
            return Err("only an interrupted delivery has a message".to_owned());
        }
        if self.due_shard.is_some() != self.due_at.is_some() {
            return Err("half a due time".to_owned());
        }
        if interrupted && self.due_at.is_none() {
            return Err("an interrupted delivery that is never due".to_owned());
        }
        Ok(Delivery {
            key,
            trace: self.trace,
            received_at: from_millis(self.at)?,
            verdict: self.verdict,
            steps: self
                .steps
                .into_iter()
                .map(TraceStepRecord::into_step)
                .collect::<Result<_, _>>()?,
            due_at: self.due_at.map(from_millis).transpose()?,
        })
    }
}
