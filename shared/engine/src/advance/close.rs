//! An item is closed: a node is done, or has failed and is tried again, led on from, held, or the end of its scope.

use super::{
    Machine,
    control::closing,
    leave,
    locate::{Found, locate},
};
use crate::{
    event::{Effect, StepOutcome},
    path::{Iteration, Path, Step},
    plan::{NodePlan, ScopePlan},
    registry::Execution,
    retry::{NodeError, matches, names},
    state::{Inside, Marks, Reason, Scope, State, Status, TimerState, Within},
    walk::step_of,
    written::OnFailure,
};

impl Machine<'_> {
    pub(super) fn closed(&mut self, state: &mut State, step: &Step, outcome: StepOutcome) {
        let Some(found) = locate(&self.plan.root, &mut state.root, step) else {
            return;
        };
        match found.status() {
            Status::Active => self.close_active(found, outcome),
            Status::Closing => close_closing(found, outcome),
            Status::Iterating => self.close_timer(found, &outcome),
            _ => {}
        }
    }

    fn close_active(&mut self, found: Found<'_, '_>, outcome: StepOutcome) {
        let node = found.node();
        let (plan, at, mut around) = (found.plan, found.at, found.around);
        let scope = found.scope;
        match outcome {
            StepOutcome::Succeeded { port } => {
                if let Some(port) = port_of(node, port.as_deref()) {
                    complete(node, scope, at, Status::Succeeded, port);
                } else {
                    let error = NodeError::new(
                        names::RUNTIME,
                        "it came back by an output that it does not have",
                    );
                    self.fail(plan, scope, at, &error, &mut around);
                }
            }
            StepOutcome::Incomplete => {
                let port = node.connected_port("incomplete").unwrap_or_default();
                complete(node, scope, at, Status::Incomplete, port);
            }
            StepOutcome::Unchanged => {
                let port = node.connected_port("unchanged").unwrap_or_default();
                complete(node, scope, at, Status::Unchanged, port);
            }
            StepOutcome::Failed(error) => self.fail(plan, scope, at, &error, &mut around),
            StepOutcome::Expired => {
                if let Some(port) = node.connected_port("timeout") {
                    complete(node, scope, at, Status::Succeeded, port);
                } else {
                    let error = NodeError::new(names::TIMEOUT, "it was not done in time");
                    self.fail(plan, scope, at, &error, &mut around);
                }
            }
            StepOutcome::Cancelled => {
                let error = NodeError::new(
                    names::TASK_FAILED,
                    "it was ended by somebody else than the run",
                );
                self.fail(plan, scope, at, &error, &mut around);
            }
        }
    }

    /// The timer of a body has fired, or was closed.
    fn close_timer(&mut self, found: Found<'_, '_>, outcome: &StepOutcome) {
        let (plan, at, mut around) = (found.plan, found.at, found.around);
        let scope = found.scope;
        let step = step_of(scope, at, &plan.nodes[at].id, &around);
        let body = plan.nodes[at].body.as_ref();
        let inside = scope.more_mut(at).inside.as_mut();
        let (Some(Inside::Within(Within { body: inner, timer })), Some(body)) = (inside, body)
        else {
            return;
        };
        let fired = matches!(
            outcome,
            StepOutcome::Succeeded { .. } | StepOutcome::Expired
        );
        match (*timer, fired) {
            (TimerState::Open, true) => {
                *timer = TimerState::Fired;
                if !inner.is_over() {
                    self.stop_body(body, inner, Reason::TimedOut, &mut around, &step, 0);
                }
            }
            (TimerState::Open | TimerState::Closing, _) => *timer = TimerState::Closed,
            _ => {}
        }
    }

    /// A node has failed: the first rule that is for it decides.
    pub(super) fn fail(
        &mut self,
        plan: &ScopePlan,
        scope: &mut Scope,
        at: usize,
        error: &NodeError,
        around: &mut Vec<Iteration>,
    ) {
        let node = &plan.nodes[at];
        scope.more_mut(at).inside = None;
        if scope.stopping.is_none() && !matches!(self.control, crate::state::Control::Stop(_)) {
            if self.try_again(node, scope, at, error, around)
                || self.catch(node, scope, at, error, around)
            {
                return;
            }
            if self.plan.on_failure == OnFailure::Hold {
                scope.statuses[at] = Status::Held;
                scope.more_mut(at).error = Some(error.clipped());
                return;
            }
        }
        scope.statuses[at] = Status::Failed;
        scope.more_mut(at).tries.clear();
        scope.tidy(at);
        scope.error.get_or_insert_with(|| error.clipped());
        self.stop(plan, scope, Reason::Failed, around);
    }

    fn try_again(
        &mut self,
        node: &NodePlan,
        scope: &mut Scope,
        at: usize,
        error: &NodeError,
        around: &[Iteration],
    ) -> bool {
        let mut rules = node.retry.iter().enumerate();
        let Some((rule, retrier)) = rules.find(|(_, rule)| matches(&rule.errors, &error.error))
        else {
            return false;
        };
        let more = scope.more_mut(at);
        more.tries.resize(node.retry.len(), 0);
        let next = Step {
            path: Path::new(around, &node.id),
            attempt: more.attempt + 1,
        };
        let chance = (next.chance(self.run) >> 32) as u32;
        let Some(seconds) = retrier.delay(more.tries[rule], chance) else {
            return false;
        };
        more.tries[rule] += 1;
        more.attempt = next.attempt;
        more.marks = Marks::default();
        scope.statuses[at] = Status::Delayed;
        self.effects.push(Effect::WakeAt {
            step: next,
            seconds,
        });
        true
    }

    fn catch(
        &mut self,
        node: &NodePlan,
        scope: &mut Scope,
        at: usize,
        error: &NodeError,
        around: &[Iteration],
    ) -> bool {
        let rule = node
            .catch
            .iter()
            .find(|rule| matches(&rule.errors, &error.error));
        let Some(port) = rule.and_then(|rule| node.port(&rule.output)) else {
            return false;
        };
        let step = step_of(scope, at, &node.id, around);
        complete(node, scope, at, Status::Caught, port);
        self.effects.push(Effect::Keep {
            step,
            error: error.clone(),
        });
        true
    }
}

/// The port by which an answer leads on.
fn port_of(node: &NodePlan, name: Option<&str>) -> Option<usize> {
    name.map_or(Some(0), |name| node.port(name))
}

/// A node is done and leads on.
pub(super) fn complete(node: &NodePlan, scope: &mut Scope, at: usize, status: Status, port: usize) {
    scope.statuses[at] = status;
    let handled = |name: &str| node.port(name) == Some(port) && port > 0;
    let does = matches!(node.kind.execution(), Execution::Job | Execution::Child);
    let mark = match status {
        Status::Incomplete if !handled("incomplete") => Marks::INCOMPLETE,
        Status::Unchanged if !handled("unchanged") => Marks::UNCHANGED,
        Status::Succeeded if does => Marks::DONE,
        _ => Marks::default(),
    };
    let more = scope.more_mut(at);
    more.port = port;
    more.inside = None;
    more.tries.clear();
    more.error = None;
    more.marks = more.marks.and(mark);
    scope.tidy(at);
}

/// What was finished before it was closed counts; nothing follows of it.
fn close_closing(found: Found<'_, '_>, outcome: StepOutcome) {
    let node = found.node();
    let (at, scope) = (found.at, found.scope);
    let reason = closing(scope, at);
    match outcome {
        StepOutcome::Succeeded { port } => {
            let port = port_of(node, port.as_deref()).unwrap_or_default();
            complete(node, scope, at, Status::Succeeded, port);
        }
        StepOutcome::Incomplete => complete(node, scope, at, Status::Incomplete, 0),
        StepOutcome::Unchanged => complete(node, scope, at, Status::Unchanged, 0),
        StepOutcome::Failed(_) | StepOutcome::Expired | StepOutcome::Cancelled => {
            leave(scope, at, reason);
        }
    }
    scope.more_mut(at).closing = None;
    scope.tidy(at);
}
