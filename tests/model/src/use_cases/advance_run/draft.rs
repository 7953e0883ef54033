//! What a look at a run decides: the pure part.

use crate::{Control, Flaw, Head, NodeState, Nodes, Outcome, Protocol};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Phase {
    ReadHalt,
    Prepare,
    Commit,
    Release,
    ClearDue,
    DeleteAct,
    RingNext,
}

/// What is to be committed and released.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Draft {
    /// The version that was loaded.
    pub(super) base: u8,
    /// The new head, until it is committed.
    pub(super) next: Option<Head>,
    /// Steps to be prepared.
    pub(super) prepare: Nodes,
    /// Jobs to be sent.
    pub(super) send: Nodes,
    /// Steps to be closed.
    pub(super) close: Nodes,
    /// Steps that are over and counted, and still have a due time.
    pub(super) clear: Nodes,
    /// Whether a step was closed, so that the run has to be looked at once more.
    pub(super) closed: bool,
    /// Whether the run ends by this.
    pub(super) ends: bool,
}

impl Draft {
    /// Nothing is to be done yet.
    pub(super) fn of(loaded: &Head) -> Self {
        Self {
            base: loaded.version,
            next: Some(*loaded),
            prepare: Nodes::default(),
            send: Nodes::default(),
            close: Nodes::default(),
            clear: Nodes::default(),
            closed: false,
            ends: false,
        }
    }

    /// The pure part: the new state, and what has to be done for it.
    pub(super) fn decided(
        mut self,
        loaded: &Head,
        wanted: Option<Control>,
        protocol: &Protocol,
    ) -> Option<Self> {
        let mut next = self.next?;
        let plan = protocol.plan;
        let mut end = plan.advance(&mut next);
        if end.is_none() && next.control.is_none() {
            next.control = wanted;
            end = plan.advance(&mut next);
        }
        if protocol.lacks(Flaw::EndBeforeClosed) && end.is_none() {
            end = end_at_once(&mut next);
        }
        for node in plan.nodes() {
            match next.node(node) {
                NodeState::Ready => {
                    let content = plan.content(&next, node);
                    next.nodes[node.index()] = NodeState::Waiting(content);
                    self.prepare.insert(node);
                    self.send.insert(node);
                }
                NodeState::Closing(_) => {
                    self.send.remove(node);
                    self.close.insert(node);
                }
                NodeState::Waiting(_) => {}
                NodeState::Unreached | NodeState::Done(_) | NodeState::Skipped => {
                    self.send.remove(node);
                }
            }
        }
        next.end = end;
        self.ends = end.is_some();
        next.due = if self.ends {
            protocol.is_told() && !protocol.lacks(Flaw::EndNotDue)
        } else {
            next.control.is_some() && !protocol.lacks(Flaw::ControlNotDue)
        };
        self.next = (next != *loaded).then_some(next);
        Some(self)
    }
}

/// What must not be done: to end a run whose steps are open.
fn end_at_once(head: &mut Head) -> Option<Outcome> {
    let control = head.control?;
    for state in &mut head.nodes {
        if state.is_named() {
            *state = NodeState::Done(control.outcome());
        }
    }
    Some(control.outcome())
}
