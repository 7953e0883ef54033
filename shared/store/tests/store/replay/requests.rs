//! What is asked for in the scenarios of the model.

use domain::{
    Cause, DeliveryKey, MessageId, Origin, RequestTime, RunKey, RunOrder, RunSequence, StopRequest,
    Trigger,
};
use testkit::IMPLEMENT;

use crate::support::{at, delivery_key, order, stop_request};

/// The requests of a scenario by their deliveries.
pub(super) struct Requests {
    all: &'static [Request],
    pub(super) is_told: bool,
}

/// A request: when it was made, and for a start the key of its origin.
#[derive(Clone, Copy)]
enum Request {
    Start(i64, u64),
    Stop(i64),
}

const ONE: &[Request] = &[Request::Start(1, 1)];
const STOPPED: &[Request] = &[Request::Start(1, 1), Request::Stop(2)];
const TWO: &[Request] = &[Request::Start(1, 1), Request::Start(2, 2)];
const TWO_STOPPED: &[Request] = &[Request::Start(1, 1), Request::Start(2, 2), Request::Stop(3)];

impl Requests {
    pub(super) fn of(scenario: &str) -> Self {
        let all = match scenario {
            "a stop" | "crashes" => STOPPED,
            "two requests" | "waiting" => TWO,
            "waiting and a stop" => TWO_STOPPED,
            _ => ONE,
        };
        Self {
            all,
            is_told: scenario.starts_with("told"),
        }
    }

    /// What a delivery asks to run, by its number from 1.
    pub(super) fn order(&self, delivery: usize) -> RunOrder {
        let Request::Start(asked, key) = self.all[delivery - 1] else {
            panic!("delivery {delivery} stops");
        };
        let order = order(u64::try_from(delivery).unwrap());
        let cause = Cause::Delivery {
            id: key_of(delivery).id().clone(),
            trigger: Trigger::Message(MessageId::from(key)),
        };
        let (requester, trace) = (
            order.origin.requester().clone(),
            order.origin.trace().clone(),
        );
        let origin = Origin::new(cause, requester, RequestTime::of(at(asked)), trace);
        RunOrder { origin, ..order }
    }

    /// What a delivery asks to stop, if it does.
    pub(super) fn stop(&self, delivery: usize) -> Option<StopRequest> {
        match self.all[delivery - 1] {
            Request::Start(..) => None,
            Request::Stop(asked) => Some(StopRequest {
                delivery: key_of(delivery).id().clone(),
                ..stop_request("stop", asked)
            }),
        }
    }
}

pub(super) fn key_of(delivery: usize) -> DeliveryKey {
    delivery_key(&format!("delivery-{delivery}"))
}

/// The number in a name such as `run 1`.
pub(super) fn number(name: &str) -> usize {
    let (_, number) = name.split_once(' ').unwrap();
    number.parse().unwrap()
}

/// The key of a run such as `run 1`.
pub(super) fn run_key(name: &str) -> RunKey {
    key_at(u32::try_from(number(name)).unwrap())
}

pub(super) fn key_at(sequence: u32) -> RunKey {
    RunKey {
        subject: order(1).subject.key(),
        name: IMPLEMENT,
        sequence: RunSequence(sequence),
    }
}
