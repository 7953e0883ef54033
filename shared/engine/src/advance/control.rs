//! What people and clocks want of a run.

use super::{
    Machine, leave,
    locate::{locate, locate_node},
};
use crate::{
    event::Effect,
    open::open,
    path::{Iteration, Step},
    plan::ScopePlan,
    state::{Control, Inside, Marks, Phase, Reason, Scope, State, Status, Stop, TimerState},
    walk::{iteration, step_of},
};

impl Machine<'_> {
    /// Begins by one trigger; the others have had no turn.
    pub(super) fn start(&mut self, state: &mut State, trigger: &str) {
        let nodes = self.plan.root.nodes.iter().enumerate();
        let triggers: Vec<(usize, bool)> = nodes
            .filter(|(_, node)| node.is_trigger())
            .map(|(at, node)| (at, node.id == trigger))
            .collect();
        let known = triggers.iter().any(|(_, chosen)| *chosen);
        let fresh = triggers
            .iter()
            .all(|(at, _)| state.root.statuses[*at] == Status::Pending);
        if !known || !fresh {
            return;
        }
        for (at, chosen) in triggers {
            if chosen {
                self.begin(&self.plan.root, &mut state.root, at, &[]);
            } else {
                state.root.statuses[at] = Status::Skipped;
            }
        }
    }

    /// Goes on: what was ready is computed now.
    pub(super) fn resume(&mut self, state: &mut State) {
        state.control = Control::Run;
        self.control = Control::Run;
        for (step, purpose) in open(self.plan, state).computations() {
            self.effects.push(Effect::Evaluate { step, purpose });
        }
    }

    /// A delay is over.
    pub(super) fn woke(&mut self, state: &mut State, step: &Step) {
        let Some(found) = locate(&self.plan.root, &mut state.root, step) else {
            return;
        };
        // One that is to be closed meanwhile is answered by its closing.
        if found.status() == Status::Delayed {
            self.begin_again(found.plan, found.scope, found.at, &found.around);
        }
    }

    /// Somebody has a node tried again that waits for that.
    pub(super) fn retry(&mut self, state: &mut State, step: &Step) {
        let Some(found) = locate_node(&self.plan.root, &mut state.root, step) else {
            return;
        };
        let next = found.scope.attempt(found.at) + 1;
        if found.status() != Status::Held || step.attempt != next {
            return;
        }
        let more = found.scope.more_mut(found.at);
        more.attempt = next;
        more.error = None;
        more.tries.clear();
        more.marks = Marks::default();
        self.begin_again(found.plan, found.scope, found.at, &found.around);
    }

    /// Ends the run: nothing begins any more, and what is open is closed. A later wish changes nothing.
    pub(super) fn stop_run(&mut self, state: &mut State, stop: Stop) {
        if matches!(state.control, Control::Stop(_)) {
            return;
        }
        state.control = Control::Stop(stop);
        self.control = state.control;
        let reason = match stop {
            Stop::Cancelled => Reason::Cancelled,
            Stop::Expired => Reason::Expired,
        };
        self.stop(&self.plan.root, &mut state.root, reason, &mut Vec::new());
    }

    /// Ends a scope, and all that is inside of it.
    pub(super) fn stop(
        &mut self,
        plan: &ScopePlan,
        scope: &mut Scope,
        reason: Reason,
        around: &mut Vec<Iteration>,
    ) {
        scope.stopping.get_or_insert(reason);
        for at in 0..plan.nodes.len() {
            self.stop_node(plan, scope, at, reason, around);
        }
    }

    /// Ends one node.
    pub(super) fn stop_node(
        &mut self,
        plan: &ScopePlan,
        scope: &mut Scope,
        at: usize,
        reason: Reason,
        around: &mut Vec<Iteration>,
    ) {
        match scope.statuses[at] {
            Status::Pending | Status::Ready | Status::Held => leave(scope, at, reason),
            Status::Active | Status::Delayed => {
                scope.statuses[at] = Status::Closing;
                scope.more_mut(at).closing = Some(reason);
                let step = step_of(scope, at, &plan.nodes[at].id, around);
                self.effects.push(Effect::Close { step, reason });
            }
            Status::Iterating => {
                self.stopped += 1;
                self.stop_inside(plan, scope, at, reason, around);
            }
            _ => {}
        }
    }

    fn stop_inside(
        &mut self,
        plan: &ScopePlan,
        scope: &mut Scope,
        at: usize,
        reason: Reason,
        around: &mut Vec<Iteration>,
    ) {
        let step = step_of(scope, at, &plan.nodes[at].id, around);
        scope.more_mut(at).closing.get_or_insert(reason);
        let (Some(body), Some(inside)) = (
            plan.nodes[at].body.as_ref(),
            scope
                .more
                .get_mut(&at)
                .and_then(|more| more.inside.as_mut()),
        ) else {
            return;
        };
        match inside {
            Inside::Each(each) => {
                for (index, inner) in &mut each.active {
                    self.stop_body(body, inner, reason, around, &step, *index);
                }
            }
            Inside::Repeat(repeat) => {
                if let Phase::Body(inner) = &mut repeat.phase {
                    self.stop_body(body, inner, reason, around, &step, repeat.iteration);
                }
            }
            Inside::Within(within) => {
                self.stop_body(body, &mut within.body, reason, around, &step, 0);
                if within.timer == TimerState::Open {
                    within.timer = TimerState::Closing;
                    self.effects.push(Effect::Close { step, reason });
                }
            }
        }
    }

    pub(super) fn stop_body(
        &mut self,
        body: &ScopePlan,
        inner: &mut Scope,
        reason: Reason,
        around: &mut Vec<Iteration>,
        step: &Step,
        index: u32,
    ) {
        around.push(iteration(step, index));
        self.stop(body, inner, reason, around);
        around.pop();
    }
}

/// Why a node's item is to be closed.
pub(super) fn closing(scope: &Scope, at: usize) -> Reason {
    let more = scope.more.get(&at);
    more.and_then(|more| more.closing)
        .unwrap_or(Reason::NotNeeded)
}
