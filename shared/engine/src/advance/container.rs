//! What becomes of a node with a body when its body has changed.

use super::{Machine, control::closing, leave, settle::timer_is_over};
use crate::{
    event::{Effect, Order, Purpose},
    path::{Iteration, Step},
    plan::{Compiled, NodePlan, ScopePlan},
    retry::{NodeError, names},
    state::{Each, Inside, Phase, Reason, Repeat, Scope, Status, TimerState, Within},
    walk::{iteration, step_of},
};

/// The most items of one list.
pub(super) const MOST_ITEMS: u32 = 10_000;

impl Machine<'_> {
    /// Puts back what was taken out to be worked on, or ends the node.
    pub(super) fn settle_body(
        &mut self,
        plan: &ScopePlan,
        scope: &mut Scope,
        at: usize,
        inside: Inside,
        around: &mut Vec<Iteration>,
    ) {
        match inside {
            Inside::Each(each) => self.settle_each(plan, scope, at, each, around),
            Inside::Repeat(repeat) => self.settle_repeat(plan, scope, at, repeat, around),
            Inside::Within(within) => self.settle_within(plan, scope, at, within, around),
        }
    }

    fn settle_each(
        &mut self,
        plan: &ScopePlan,
        scope: &mut Scope,
        at: usize,
        mut each: Each,
        around: &mut Vec<Iteration>,
    ) {
        let node = &plan.nodes[at];
        let step = step_of(scope, at, &node.id, around);
        self.reap(&step, node, &mut each, around);
        let stopped = scope.more_mut(at).closing.is_some();
        let enough = has_enough(node, &each);
        if enough && each.error.is_none() {
            self.stop_items(&step, node, &mut each, Reason::NotNeeded, around);
        }
        if !stopped && !enough && each.error.is_none() {
            self.fill(&step, node, &mut each, around);
        }
        let finished = each.next == each.total || each.error.is_some() || stopped || enough;
        if !each.active.is_empty() || !finished {
            scope.more_mut(at).inside = Some(Inside::Each(each));
        } else if stopped {
            let reason = closing(scope, at);
            leave(scope, at, reason);
            remember(scope, at, each);
        } else if let Some(error) = each.error.take() {
            let (failed, total) = (each.failed.count(), each.total);
            let cause = format!("{failed} of {total} items failed, at last: {}", error.cause);
            let error = NodeError::new(names::TOLERATED, cause);
            self.fail(plan, scope, at, &error, around);
            if scope.statuses[at] == Status::Failed {
                remember(scope, at, each);
            }
        } else {
            scope.more_mut(at).inside = Some(Inside::Each(each));
            scope.statuses[at] = Status::Ready;
            self.compute(plan, scope, at, around);
        }
    }

    /// Takes out items that are over, and asks for the results of those that are done.
    fn reap(&mut self, step: &Step, node: &NodePlan, each: &mut Each, around: &mut Vec<Iteration>) {
        let over: Vec<u32> = each
            .active
            .iter()
            .filter(|(_, inner)| inner.is_over())
            .map(|(index, _)| *index)
            .collect();
        for index in over {
            let Some(inner) = each.active.get_mut(&index) else {
                continue;
            };
            if let Some(error) = inner.error.take() {
                each.failed.insert(index);
                each.active.remove(&index);
                self.count_failure(step, node, each, &error, around);
            } else if inner.stopping.is_some() {
                each.active.remove(&index);
            } else if !inner.yielding && !self.is_quiet() {
                inner.yielding = true;
                let purpose = Purpose::Yield(index);
                self.effects.push(Effect::Evaluate {
                    step: step.clone(),
                    purpose,
                });
            }
        }
    }

    /// Ends the other items if this was one failure too many.
    fn count_failure(
        &mut self,
        step: &Step,
        node: &NodePlan,
        each: &mut Each,
        error: &NodeError,
        around: &mut Vec<Iteration>,
    ) {
        if each.error.is_some() || is_tolerated(node, each) {
            return;
        }
        each.error = Some(error.clipped());
        self.stop_items(step, node, each, Reason::Failed, around);
    }

    /// Ends the items that are at work.
    fn stop_items(
        &mut self,
        step: &Step,
        node: &NodePlan,
        each: &mut Each,
        reason: Reason,
        around: &mut Vec<Iteration>,
    ) {
        let Some(body) = &node.body else {
            return;
        };
        for (index, inner) in &mut each.active {
            if inner.stopping.is_none() {
                self.stop_body(body, inner, reason, around, step, *index);
            }
        }
        each.active.retain(|_, inner| !inner.is_over());
    }

    /// Begins items until as many are at work as may be.
    fn fill(&mut self, step: &Step, node: &NodePlan, each: &mut Each, around: &mut Vec<Iteration>) {
        let Some(body) = &node.body else {
            return;
        };
        let most = number(node, "concurrency").max(1) as usize;
        while !self.is_quiet() && each.active.len() < most && each.next < each.total {
            let index = each.next;
            each.next += 1;
            if each.done.contains(index) {
                continue;
            }
            let inner = self.begin_body(body, step, index, around);
            each.active.insert(index, inner);
        }
    }

    fn begin_body(
        &mut self,
        body: &ScopePlan,
        step: &Step,
        index: u32,
        around: &mut Vec<Iteration>,
    ) -> Scope {
        let mut inner = Scope::new(body);
        around.push(iteration(step, index));
        self.settle(body, &mut inner, around);
        around.pop();
        inner
    }

    fn settle_repeat(
        &mut self,
        plan: &ScopePlan,
        scope: &mut Scope,
        at: usize,
        mut repeat: Repeat,
        around: &mut Vec<Iteration>,
    ) {
        let stopped = scope.more_mut(at).closing.is_some();
        let index = repeat.iteration;
        let Phase::Body(inner) = &mut repeat.phase else {
            scope.more_mut(at).inside = Some(Inside::Repeat(repeat));
            return;
        };
        if !inner.is_over() {
            scope.more_mut(at).inside = Some(Inside::Repeat(repeat));
        } else if stopped {
            let reason = closing(scope, at);
            leave(scope, at, reason);
        } else if let Some(error) = inner.error.take() {
            self.fail(plan, scope, at, &error, around);
        } else {
            if !inner.yielding && !self.is_quiet() {
                inner.yielding = true;
                let step = step_of(scope, at, &plan.nodes[at].id, around);
                let purpose = Purpose::Yield(index);
                self.effects.push(Effect::Evaluate { step, purpose });
            }
            scope.more_mut(at).inside = Some(Inside::Repeat(repeat));
        }
    }

    fn settle_within(
        &mut self,
        plan: &ScopePlan,
        scope: &mut Scope,
        at: usize,
        mut within: Within,
        around: &mut Vec<Iteration>,
    ) {
        let stopped = scope.more_mut(at).closing.is_some();
        if !within.body.is_over() {
            scope.more_mut(at).inside = Some(Inside::Within(within));
            return;
        }
        if within.timer == TimerState::Open {
            within.timer = TimerState::Closing;
            let step = step_of(scope, at, &plan.nodes[at].id, around);
            let reason = Reason::NotNeeded;
            self.effects.push(Effect::Close { step, reason });
        }
        let finished = within.body.stopping.is_none();
        if !timer_is_over(within.timer) {
            scope.more_mut(at).inside = Some(Inside::Within(within));
        } else if stopped {
            let reason = closing(scope, at);
            leave(scope, at, reason);
        } else if let Some(error) = within.body.error.take() {
            self.fail(plan, scope, at, &error, around);
        } else if finished {
            scope.more_mut(at).inside = Some(Inside::Within(within));
            scope.statuses[at] = Status::Ready;
            self.compute(plan, scope, at, around);
        } else {
            let cause = "what is inside was not done in time";
            self.fail(
                plan,
                scope,
                at,
                &NodeError::new(names::TIMEOUT, cause),
                around,
            );
        }
    }

    /// A list is known: its items begin.
    pub(super) fn begin_each(
        &mut self,
        plan: &ScopePlan,
        scope: &mut Scope,
        at: usize,
        total: u32,
        around: &mut Vec<Iteration>,
    ) {
        if total > MOST_ITEMS {
            let cause = format!(
                "{total} items are more than {MOST_ITEMS}: put them into lists with split, and use sub_run"
            );
            self.fail(
                plan,
                scope,
                at,
                &NodeError::new(names::DATA_LIMIT, cause),
                around,
            );
            return;
        }
        scope.statuses[at] = Status::Iterating;
        scope.more_mut(at).inside = Some(Inside::Each(Each {
            total,
            next: 0,
            active: std::collections::BTreeMap::new(),
            done: crate::state::Bits::default(),
            failed: crate::state::Bits::default(),
            error: None,
        }));
    }

    /// The body runs for one time.
    pub(super) fn begin_time(
        &mut self,
        plan: &ScopePlan,
        scope: &mut Scope,
        at: usize,
        (index, times): (u32, Option<u32>),
        around: &mut Vec<Iteration>,
    ) {
        let node = &plan.nodes[at];
        let (Some(body), step) = (&node.body, step_of(scope, at, &node.id, around)) else {
            return;
        };
        let inner = self.begin_body(body, &step, index, around);
        scope.statuses[at] = Status::Iterating;
        scope.more_mut(at).inside = Some(Inside::Repeat(Repeat {
            iteration: index,
            times,
            phase: Phase::Body(inner),
        }));
    }

    /// The body runs, and a timer beside it.
    pub(super) fn begin_within(
        &mut self,
        plan: &ScopePlan,
        scope: &mut Scope,
        at: usize,
        parameters: serde_json::Value,
        around: &mut Vec<Iteration>,
    ) {
        let node = &plan.nodes[at];
        let (Some(body), step) = (&node.body, step_of(scope, at, &node.id, around)) else {
            return;
        };
        self.effects.push(Effect::OpenWait(Order {
            step: step.clone(),
            parameters,
            timeout_seconds: node.timeout_seconds.unwrap_or_default(),
            heartbeat_seconds: None,
        }));
        let inner = self.begin_body(body, &step, 0, around);
        scope.statuses[at] = Status::Iterating;
        scope.more_mut(at).inside = Some(Inside::Within(Within {
            body: inner,
            timer: TimerState::Open,
        }));
    }
}

/// A later run may take over the items that are done.
fn remember(scope: &mut Scope, at: usize, each: Each) {
    if !each.done.is_empty() {
        scope.more_mut(at).inside = Some(Inside::Each(each));
    }
}

/// Whether as many have failed as may.
fn is_tolerated(node: &NodePlan, each: &Each) -> bool {
    let failed = each.failed.count();
    let percent = known_number(node, "tolerated_failures_percent");
    let fits = percent.is_none_or(|percent| {
        u64::from(failed) * 100 <= u64::from(percent) * u64::from(each.total)
    });
    let most = match known_number(node, "tolerated_failures") {
        None if percent.is_some() => each.total,
        most => most.unwrap_or_default(),
    };
    fits && failed <= most
}

/// Whether as many have succeeded as are enough.
fn has_enough(node: &NodePlan, each: &Each) -> bool {
    known_number(node, "enough").is_some_and(|enough| each.done.count() >= enough)
}

/// A number that the definition says.
pub(super) fn number(node: &NodePlan, name: &str) -> u32 {
    known_number(node, name).unwrap_or_default()
}

fn known_number(node: &NodePlan, name: &str) -> Option<u32> {
    let value = match node.parameters.get(name) {
        Some(Compiled::Literal(value)) => value.as_u64(),
        _ => None,
    };
    value.and_then(|value| u32::try_from(value).ok())
}
