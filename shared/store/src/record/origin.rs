//! Where a run comes from, within its record.

use domain::{
    AccountId, Cause, DeliveryId, Handle, MessageId, Origin, RequestKey, Requester, RunKey,
    ScheduleId, StepId, TraceId, Trigger,
};
use serde::{Deserialize, Serialize};

use super::{RequestTimeRecord, from_millis, to_millis};

/// Where a run comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OriginRecord {
    cause: CauseRecord,
    by: RequesterRecord,
    asked: RequestTimeRecord,
    trace: TraceId,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
enum CauseRecord {
    Message {
        delivery: DeliveryId,
        message: MessageId,
    },
    Label {
        delivery: DeliveryId,
    },
    Text {
        delivery: DeliveryId,
    },
    Request {
        key: RequestKey,
    },
    Slot {
        schedule: ScheduleId,
        slot: i64,
    },
    Step {
        run: Box<RunKey>,
        step: StepId,
    },
}

/// Who asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RequesterRecord {
    id: AccountId,
    handle: Handle,
}

impl RequesterRecord {
    pub(crate) fn of(requester: &Requester) -> Self {
        Self {
            id: requester.account(),
            handle: requester.handle().clone(),
        }
    }

    pub(crate) fn into_requester(self) -> Requester {
        Requester::new(self.id, self.handle)
    }
}

impl CauseRecord {
    fn of(cause: &Cause) -> Self {
        match cause.clone() {
            Cause::Delivery { id, trigger } => match trigger {
                Trigger::Message(message) => Self::Message {
                    delivery: id,
                    message,
                },
                Trigger::Label => Self::Label { delivery: id },
                Trigger::Text => Self::Text { delivery: id },
            },
            Cause::ApiRequest(key) => Self::Request { key },
            Cause::ScheduleSlot { schedule, slot } => Self::Slot {
                schedule,
                slot: to_millis(slot),
            },
            Cause::ParentStep { run, step } => Self::Step { run, step },
        }
    }

    fn into_cause(self) -> Result<Cause, String> {
        let delivered = |id, trigger| Cause::Delivery { id, trigger };
        Ok(match self {
            Self::Message { delivery, message } => delivered(delivery, Trigger::Message(message)),
            Self::Label { delivery } => delivered(delivery, Trigger::Label),
            Self::Text { delivery } => delivered(delivery, Trigger::Text),
            Self::Request { key } => Cause::ApiRequest(key),
            Self::Slot { schedule, slot } => Cause::ScheduleSlot {
                schedule,
                slot: from_millis(slot)?,
            },
            Self::Step { run, step } => Cause::ParentStep { run, step },
        })
    }
}

impl OriginRecord {
    pub(crate) fn of(origin: &Origin) -> Self {
        Self {
            cause: CauseRecord::of(origin.cause()),
            by: RequesterRecord::of(origin.requester()),
            asked: RequestTimeRecord::of(origin.asked()),
            trace: origin.trace().clone(),
        }
    }

    pub(crate) fn into_origin(self) -> Result<Origin, String> {
        Ok(Origin::new(
            self.cause.into_cause()?,
            self.by.into_requester(),
            self.asked.into_time()?,
            self.trace,
        ))
    }
}
