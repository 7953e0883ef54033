//! What follows of itself: which nodes have their turn, which never will, and which bodies are over.

use super::Machine;
use crate::{
    event::Effect,
    path::Iteration,
    plan::{NodePlan, ScopePlan},
    registry::{Execution, Inline},
    state::{Inside, Phase, Reason, Repeat, Scope, Status, TimerState},
    walk::{iteration, purpose, step_of},
};

/// What is to become of a node that has not begun.
enum Turn {
    Wait,
    Go,
    Skip,
}

impl Machine<'_> {
    /// Goes through a scope in its order, so that what follows of what follows is seen too, and again if something that
    /// lies before was ended meanwhile.
    pub(super) fn settle(
        &mut self,
        plan: &ScopePlan,
        scope: &mut Scope,
        around: &mut Vec<Iteration>,
    ) {
        loop {
            let before = self.stopped;
            for at in 0..plan.nodes.len() {
                match scope.statuses[at] {
                    Status::Pending if scope.stopping.is_none() => {
                        self.settle_pending(plan, scope, at, around);
                    }
                    Status::Iterating => self.settle_iterating(plan, scope, at, around),
                    _ => {}
                }
            }
            if self.stopped == before {
                return;
            }
        }
    }

    fn settle_pending(
        &mut self,
        plan: &ScopePlan,
        scope: &mut Scope,
        at: usize,
        around: &mut Vec<Iteration>,
    ) {
        match turn(&plan.nodes[at], scope) {
            Turn::Wait => {}
            Turn::Skip => scope.statuses[at] = Status::Skipped,
            Turn::Go => {
                for other in &plan.nodes[at].gives_up {
                    self.stop_node(plan, scope, *other, Reason::NotNeeded, around);
                }
                self.begin(plan, scope, at, around);
            }
        }
    }

    /// It is a node's turn.
    pub(super) fn begin(
        &mut self,
        plan: &ScopePlan,
        scope: &mut Scope,
        at: usize,
        around: &[Iteration],
    ) {
        scope.statuses[at] = Status::Ready;
        if plan.nodes[at].kind.execution() == Execution::While {
            scope.more_mut(at).inside = Some(Inside::Repeat(Repeat {
                iteration: 0,
                times: None,
                phase: Phase::Condition,
            }));
        }
        self.compute(plan, scope, at, around);
    }

    /// It is its turn once more.
    pub(super) fn begin_again(
        &mut self,
        plan: &ScopePlan,
        scope: &mut Scope,
        at: usize,
        around: &[Iteration],
    ) {
        scope.more_mut(at).inside = None;
        self.begin(plan, scope, at, around);
    }

    /// Asks for what a ready node needs to be computed, unless nothing may begin.
    pub(super) fn compute(
        &mut self,
        plan: &ScopePlan,
        scope: &Scope,
        at: usize,
        around: &[Iteration],
    ) {
        if !self.is_quiet() {
            let step = step_of(scope, at, &plan.nodes[at].id, around);
            let purpose = purpose(scope, at);
            self.effects.push(Effect::Evaluate { step, purpose });
        }
    }

    fn settle_iterating(
        &mut self,
        plan: &ScopePlan,
        scope: &mut Scope,
        at: usize,
        around: &mut Vec<Iteration>,
    ) {
        let node = &plan.nodes[at];
        let (Some(body), step) = (&node.body, step_of(scope, at, &node.id, around)) else {
            return;
        };
        // Taken out while it is worked on, so that the scope around it can be changed meanwhile.
        let Some(mut inside) = scope.more_mut(at).inside.take() else {
            return;
        };
        match &mut inside {
            Inside::Each(each) => {
                for (index, inner) in &mut each.active {
                    around.push(iteration(&step, *index));
                    self.settle(body, inner, around);
                    around.pop();
                }
            }
            Inside::Repeat(repeat) => {
                if let Phase::Body(inner) = &mut repeat.phase {
                    around.push(iteration(&step, repeat.iteration));
                    self.settle(body, inner, around);
                    around.pop();
                }
            }
            Inside::Within(within) => {
                around.push(iteration(&step, 0));
                self.settle(body, &mut within.body, around);
                around.pop();
            }
        }
        self.settle_body(plan, scope, at, inside, around);
    }
}

/// Whether it is a node's turn: it follows from what has become of the nodes before it.
fn turn(node: &NodePlan, scope: &Scope) -> Turn {
    if node.is_trigger() {
        return Turn::Wait;
    }
    if node.incoming.is_empty() {
        return Turn::Go;
    }
    let (mut open, mut live, mut missing) = (false, false, false);
    for edge in &node.incoming {
        let status = scope.statuses[edge.from];
        let comes = status.leads_on() && scope.port(edge.from) == edge.port;
        open |= !status.is_over();
        live |= comes;
        missing |= edge.required && status.is_over() && !comes;
    }
    if missing {
        return Turn::Skip;
    }
    match (open, live) {
        (_, true) if takes_the_first(node) => Turn::Go,
        (true, _) => Turn::Wait,
        (false, true) => Turn::Go,
        (false, false) => Turn::Skip,
    }
}

fn takes_the_first(node: &NodePlan) -> bool {
    let wait_for = node
        .parameters
        .get("wait_for")
        .and_then(|value| value.word());
    node.kind.execution() == Execution::Inline(Inline::Merge) && wait_for == Some("any")
}

/// Whether the timer of a body is over in whatever way.
pub(super) const fn timer_is_over(timer: TimerState) -> bool {
    matches!(timer, TimerState::Closed | TimerState::Fired)
}
