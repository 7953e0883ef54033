//! The engine: a pure function of a plan and a state.

use crate::{Content, Control, Head, NODES, Node, NodeState, Outcome};

/// The graph that a run executes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// One node.
    Single,
    /// Two nodes, one after the other.
    Sequence,
    /// Two nodes side by side, and a third as soon as any of them has succeeded, which works on what is there by then.
    AnyOf,
}

impl Plan {
    /// How many nodes it has.
    pub const fn size(self) -> usize {
        match self {
            Self::Single => 1,
            Self::Sequence => 2,
            Self::AnyOf => NODES,
        }
    }

    /// Its nodes.
    pub fn nodes(self) -> impl Iterator<Item = Node> {
        Node::all().take(self.size())
    }

    /// The state of a run of which nothing has been dispatched.
    pub fn first(self) -> [NodeState; NODES] {
        let mut nodes = [NodeState::Skipped; NODES];
        for node in self.nodes() {
            nodes[node.index()] = if self.waits_for_others(node) {
                NodeState::Unreached
            } else {
                NodeState::Ready
            };
        }
        nodes
    }

    /// What the step of a node is to do, for a head in this state.
    pub fn content(self, head: &Head, node: Node) -> Content {
        if self.waits_for_others(node) {
            let done = self.nodes().filter(|node| succeeded(head, *node));
            Content(done.fold(0, |bits, node| bits | 1 << node.index()))
        } else {
            Content(u8::try_from(head.origin.index()).unwrap_or_default() + 1)
        }
    }

    /// Moves the state on after something was folded into it: what can be dispatched becomes ready, and what must not be
    /// waited for any more closes. Says how the run is over, if it is.
    pub fn advance(self, head: &mut Head) -> Option<Outcome> {
        let failed = self.nodes().find_map(|node| match head.node(node) {
            NodeState::Done(Outcome::Succeeded) => None,
            NodeState::Done(outcome) => Some(outcome),
            _ => None,
        });
        if failed.is_none() && head.control.is_none() {
            self.reach(head);
        } else {
            self.give_up(head, head.control.unwrap_or(Control::Deadline));
        }
        if self.nodes().any(|node| head.node(node).is_open()) {
            return None;
        }
        let given_up = self
            .nodes()
            .any(|node| head.node(node) == NodeState::Skipped);
        let control = head.control.filter(|_| given_up).map(Control::outcome);
        Some(failed.or(control).unwrap_or(Outcome::Succeeded))
    }

    fn reach(self, head: &mut Head) {
        for node in self.nodes() {
            let reached = head.node(node) == NodeState::Unreached
                && self.nodes().any(|before| succeeded(head, before));
            if reached {
                head.nodes[node.index()] = NodeState::Ready;
            }
        }
    }

    fn give_up(self, head: &mut Head, why: Control) {
        for node in self.nodes() {
            let state = &mut head.nodes[node.index()];
            match state {
                NodeState::Unreached | NodeState::Ready => *state = NodeState::Skipped,
                NodeState::Waiting(_) => *state = NodeState::Closing(why),
                NodeState::Closing(_) | NodeState::Done(_) | NodeState::Skipped => {}
            }
        }
    }

    const fn waits_for_others(self, node: Node) -> bool {
        match self {
            Self::Single => false,
            Self::Sequence => node.position() == 1,
            Self::AnyOf => node.position() == 2,
        }
    }
}

fn succeeded(head: &Head, node: Node) -> bool {
    head.node(node) == NodeState::Done(Outcome::Succeeded)
}
