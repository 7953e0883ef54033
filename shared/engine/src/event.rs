//! What happens to a run, and what it causes.

use serde_json::Value;

use crate::{
    path::Step,
    retry::NodeError,
    state::{Ended, Reason, Stop},
};

/// What happens to a run. Each may come twice, late and in any order: what does not fit what the run waits for changes
/// nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// It begins, by the trigger of that name.
    Start {
        /// The trigger.
        trigger: String,
    },
    /// Something was computed.
    Evaluated {
        /// For which try.
        step: Step,
        /// What for.
        purpose: Purpose,
        /// What came of it.
        result: Result<Evaluation, NodeError>,
    },
    /// An item that the run waited for is closed. It is the answer to every [`Effect::Close`] too, whatever the item was.
    Closed {
        /// For which try.
        step: Step,
        /// How it came out.
        outcome: StepOutcome,
    },
    /// The delay before a further try is over.
    Woke {
        /// Which try.
        step: Step,
    },
    /// Somebody wants a node that waits for it to be tried again. It names the try that it makes.
    Retry {
        /// Which try there is to be.
        step: Step,
    },
    /// Somebody wants nothing new to begin.
    Pause,
    /// Somebody wants it to go on.
    Resume,
    /// It has to end.
    Stop(Stop),
}

/// How a try came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepOutcome {
    /// It is done. It leads on by the port of that name, or by its first one.
    Succeeded {
        /// The port.
        port: Option<String>,
    },
    /// Something came of it, but not all.
    Incomplete,
    /// There was nothing to change.
    Unchanged,
    /// It has failed.
    Failed(NodeError),
    /// Its time is over.
    Expired,
    /// It was ended, as the run wanted.
    Cancelled,
}

/// What is computed for a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// What it gives, or what whoever does it is told.
    Prepare,
    /// Whether its body runs for that time.
    Condition(u32),
    /// The result of its body for that time.
    Yield(u32),
    /// Its result, from those of its body.
    Collect,
}

/// What came of computing.
#[derive(Clone, Debug, PartialEq)]
pub enum Evaluation {
    /// Its result is kept, and it leads on by this port.
    Done {
        /// The port's place.
        port: usize,
    },
    /// What whoever does it is told.
    Prepared(Value),
    /// How many items there are; they are kept.
    Items(u32),
    /// How often the body runs.
    Times(u32),
    /// Whether the body runs again.
    Holds(bool),
}

/// What a run causes. Every one has the key of its step ([`Step::key`]) as idempotency key, and none is begun before the
/// state that names it is on record.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Compute something; `turn` does.
    Evaluate {
        /// For which try.
        step: Step,
        /// What for.
        purpose: Purpose,
    },
    /// A failure that a rule caught is what the node hands on.
    Keep {
        /// Of which try.
        step: Step,
        /// What is handed on.
        error: NodeError,
    },
    /// Let a daemon do it.
    DispatchJob(Order),
    /// Call somebody outside.
    CallOut(Order),
    /// Wait for time, or for an answer or event from outside.
    OpenWait(Order),
    /// Start another run, whose key is this step's.
    StartChild(Order),
    /// Tell when the delay before this try is over.
    WakeAt {
        /// Which try.
        step: Step,
        /// In how many seconds.
        seconds: u32,
    },
    /// Close the item, whatever it takes; what was finished before counts.
    Close {
        /// Of which try.
        step: Step,
        /// Why.
        reason: Reason,
    },
    /// The run is over.
    End(Ended),
}

/// What somebody is to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// Which try.
    pub step: Step,
    /// What it is told: the node's parameters, computed, and its input.
    pub parameters: Value,
    /// After how many seconds it is over, whatever has become of it.
    pub timeout_seconds: u32,
    /// After how many seconds without a word whoever does it counts as lost.
    pub heartbeat_seconds: Option<u32>,
}
