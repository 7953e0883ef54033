//! What causes a run.

use jiff::Timestamp;

use crate::{
    DeliveryId, MessageId, RequestTime, Requester, RunKey, StepId, TraceId, text::bounded_text,
};

bounded_text! {
    /// What a caller of the API calls its request, the same when it makes it again: 1 to 100 visible ASCII characters
    /// without `#`.
    RequestKey, "a request's key", |text| (1..=100).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_graphic() && b != b'#');
    /// A schedule: 1 to 60 letters, digits, `-` or `_`.
    ScheduleId, "a schedule's id", |text| (1..=60).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    /// What one request has in common with itself when it comes again, by whatever way.
    IdempotencyKey, "an idempotency key", |text| (1..=250).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_graphic());
}

/// How a person asked at a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// In a comment or a message.
    Message(MessageId),
    /// With a label.
    Label,
    /// In the text of the subject itself.
    Text,
}

impl Trigger {
    /// What was said to ask, if it was a message.
    pub const fn message(self) -> Option<MessageId> {
        match self {
            Self::Message(message) => Some(message),
            Self::Label | Self::Text => None,
        }
    }

    /// The key of a request that was made so at that time.
    pub fn idempotency_key(self, asked: &RequestTime) -> IdempotencyKey {
        let at = asked.at().as_millisecond();
        IdempotencyKey(match self {
            Self::Message(message) => format!("message/{message}"),
            Self::Label => format!("label/{at}"),
            Self::Text => format!("text/{at}"),
        })
    }
}

/// What causes a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A delivery by the connection of the run's subject.
    Delivery {
        /// The delivery.
        id: DeliveryId,
        /// How the person asked whose request it brought.
        trigger: Trigger,
    },
    /// A request to the API.
    ApiRequest(RequestKey),
    /// A schedule.
    ScheduleSlot {
        /// The schedule.
        schedule: ScheduleId,
        /// The time that it was for.
        slot: Timestamp,
    },
    /// A step of another run.
    ParentStep {
        /// The run.
        run: Box<RunKey>,
        /// The step, which starts one run.
        step: StepId,
    },
}

/// Where a run comes from: its cause, in whose name, and when that was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    cause: Cause,
    requester: Requester,
    asked: RequestTime,
    trace: TraceId,
}

impl Origin {
    /// What `cause` asked for in the name of `requester`.
    pub const fn new(
        cause: Cause,
        requester: Requester,
        asked: RequestTime,
        trace: TraceId,
    ) -> Self {
        Self {
            cause,
            requester,
            asked,
            trace,
        }
    }

    /// The same in the name of `requester`.
    #[must_use]
    pub fn by(self, requester: Requester) -> Self {
        Self { requester, ..self }
    }

    /// The cause.
    pub const fn cause(&self) -> &Cause {
        &self.cause
    }

    /// Who asked.
    pub const fn requester(&self) -> &Requester {
        &self.requester
    }

    /// When it was asked for.
    pub const fn asked(&self) -> &RequestTime {
        &self.asked
    }

    /// The trace id of the whole way.
    pub const fn trace(&self) -> &TraceId {
        &self.trace
    }

    /// The delivery that brought it, if one did.
    pub const fn delivery(&self) -> Option<&DeliveryId> {
        match &self.cause {
            Cause::Delivery { id, .. } => Some(id),
            Cause::ApiRequest(_) | Cause::ScheduleSlot { .. } | Cause::ParentStep { .. } => None,
        }
    }

    /// How a person asked for it at a provider, if one did.
    pub const fn trigger(&self) -> Option<Trigger> {
        match &self.cause {
            Cause::Delivery { trigger, .. } => Some(*trigger),
            Cause::ApiRequest(_) | Cause::ScheduleSlot { .. } | Cause::ParentStep { .. } => None,
        }
    }

    /// The message that asked for it, if one did.
    pub fn message(&self) -> Option<MessageId> {
        self.trigger().and_then(Trigger::message)
    }

    /// Tells this request from every other one, whatever brings it. A message has an id of its own and starts one run of a
    /// definition, once. A label or a text has none: what happened to it at one time is one request, and a label
    /// that is put there again is another.
    pub fn idempotency_key(&self) -> IdempotencyKey {
        IdempotencyKey(match &self.cause {
            Cause::Delivery { trigger, .. } => return trigger.idempotency_key(&self.asked),
            Cause::ApiRequest(key) => format!("request/{}/{key}", self.requester.account()),
            Cause::ScheduleSlot { schedule, slot } => {
                format!("slot/{schedule}/{}", slot.as_millisecond())
            }
            Cause::ParentStep { step, .. } => format!("step/{step}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AccountId, SeededRandom};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn origin(cause: Cause, by: u64, second: i64) -> Origin {
        let requester = Requester::new(AccountId::from(by), "ada".parse().unwrap());
        let trace = TraceId::mint(&SeededRandom::new(1));
        Origin::new(cause, requester, RequestTime::of(at(second)), trace)
    }

    fn delivered(id: &str, trigger: Trigger) -> Cause {
        let id = id.parse().unwrap();
        Cause::Delivery { id, trigger }
    }

    #[test]
    fn the_same_request_is_known_whatever_brings_it() {
        let message = |id| Trigger::Message(MessageId::from(id));
        let step = |seed| StepId::mint(at(0), &SeededRandom::new(seed));
        let slot = |second| Cause::ScheduleSlot {
            schedule: "nightly".parse().unwrap(),
            slot: at(second),
        };
        let request = |key: &str| Cause::ApiRequest(key.parse().unwrap());
        let run = crate::run_head::tests::head().key();
        let parent = |seed| Cause::ParentStep {
            run: Box::new(run.clone()),
            step: step(seed),
        };
        for (one, other, same) in [
            (
                origin(delivered("a", message(7)), 1, 0),
                origin(delivered("b", message(7)), 1, 9),
                true,
            ),
            (
                origin(delivered("a", message(7)), 1, 0),
                origin(delivered("a", message(8)), 1, 0),
                false,
            ),
            (
                origin(delivered("a", Trigger::Label), 1, 5),
                origin(delivered("b", Trigger::Label), 1, 5),
                true,
            ),
            (
                origin(delivered("a", Trigger::Label), 1, 5),
                origin(delivered("a", Trigger::Label), 1, 6),
                false,
            ),
            (
                origin(delivered("a", Trigger::Label), 1, 5),
                origin(delivered("a", Trigger::Text), 1, 5),
                false,
            ),
            (origin(request("k"), 1, 0), origin(request("k"), 1, 9), true),
            (
                origin(request("k"), 1, 0),
                origin(request("k"), 2, 0),
                false,
            ),
            (origin(slot(60), 1, 60), origin(slot(60), 1, 75), true),
            (origin(slot(60), 1, 60), origin(slot(120), 1, 60), false),
            (origin(parent(1), 1, 0), origin(parent(1), 1, 9), true),
            (origin(parent(1), 1, 0), origin(parent(2), 1, 0), false),
        ] {
            let keys = (one.idempotency_key(), other.idempotency_key());
            assert_eq!(keys.0 == keys.1, same, "{keys:?}");
            assert_eq!(keys.0.as_str().parse(), Ok(keys.0.clone()));
        }
    }
}
