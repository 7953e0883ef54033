//! The head of a run: its state and its control under one optimistic version.

use serde::Serialize;

use crate::{Asked, Delivery, NODES, Node};

/// How a step or a run is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// As asked.
    Succeeded,
    /// Too many leases were lost.
    WorkerLost,
    /// A person stopped it.
    Cancelled,
    /// Its time ran out.
    Expired,
}

/// Why a run is to end early.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Control {
    /// A person asked to stop at this time.
    Stop(Asked),
    /// Its deadline has passed.
    Deadline,
}

impl Control {
    /// The outcome of what ends for this reason.
    pub const fn outcome(self) -> Outcome {
        match self {
            Self::Stop(_) => Outcome::Cancelled,
            Self::Deadline => Outcome::Expired,
        }
    }
}

/// What a step is to do. Of a first node: what the request of its run asked for. Of a later one: what was finished when it
/// was prepared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Content(pub u8);

/// A node in the state of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeState {
    /// What it needs is not there yet.
    Unreached,
    /// It can be dispatched.
    Ready,
    /// The run waits for its step, which has this content.
    Waiting(Content),
    /// The run waits for its step to be closed for this reason.
    Closing(Control),
    /// Its step is over, and that counts.
    Done(Outcome),
    /// It is not done any more.
    Skipped,
}

impl NodeState {
    /// Whether the run waits for the node's step: the head names it.
    pub const fn is_named(self) -> bool {
        matches!(self, Self::Waiting(_) | Self::Closing(_))
    }

    /// Whether something of the node is still to come.
    pub const fn is_open(self) -> bool {
        self.is_named() || matches!(self, Self::Ready)
    }
}

/// The head of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Head {
    /// The delivery that it came of.
    pub origin: Delivery,
    /// The origin's key, such as its comment: the same for two deliveries of one request.
    pub key: u8,
    /// When it was asked for.
    pub asked: Asked,
    /// Grows with every commit.
    pub version: u8,
    /// The state.
    pub nodes: [NodeState; NODES],
    /// Set when it is to end early.
    pub control: Option<Control>,
    /// Set once it is over.
    pub end: Option<Outcome>,
    /// Whether it has a due time of its own.
    pub due: bool,
}

impl Head {
    /// The state of a node.
    pub fn node(&self, node: Node) -> NodeState {
        self.nodes[node.index()]
    }

    /// Whether the run has been put but nothing of it has been dispatched or given up.
    pub fn is_unbegun(&self) -> bool {
        let begun = |node: &NodeState| node.is_named() || matches!(node, NodeState::Done(_));
        self.end.is_none() && self.control.is_none() && !self.nodes.iter().any(begun)
    }
}
