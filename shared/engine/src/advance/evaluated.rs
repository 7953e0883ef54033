//! Something was computed.

use super::{
    Machine,
    close::complete,
    container::number,
    control::closing,
    locate::{Found, locate},
};
use crate::{
    event::{Effect, Evaluation, Order, Purpose},
    path::{Iteration, Step},
    plan::ScopePlan,
    registry::Execution,
    retry::{NodeError, names},
    state::{Inside, Phase, Repeat, Scope, State, Status},
    walk::{purpose, step_of},
};

impl Machine<'_> {
    pub(super) fn evaluated(
        &mut self,
        state: &mut State,
        step: &Step,
        wanted: Purpose,
        result: Result<Evaluation, NodeError>,
    ) {
        let Some(found) = locate(&self.plan.root, &mut state.root, step) else {
            return;
        };
        match wanted {
            Purpose::Yield(index) => self.yielded(found, index, result.err()),
            _ if found.status() != Status::Ready || purpose(found.scope, found.at) != wanted => {}
            _ => match result {
                Ok(evaluation) => self.computed(found, wanted, evaluation),
                Err(error) => self.failed(found, &error),
            },
        }
    }

    fn failed(&mut self, found: Found<'_, '_>, error: &NodeError) {
        let mut around = found.around;
        self.fail(found.plan, found.scope, found.at, error, &mut around);
    }

    fn computed(&mut self, found: Found<'_, '_>, purpose: Purpose, evaluation: Evaluation) {
        let node = found.node();
        let (plan, at, mut around) = (found.plan, found.at, found.around);
        let scope = found.scope;
        match (purpose, evaluation, node.kind.execution()) {
            (Purpose::Prepare, Evaluation::Done { port }, Execution::Inline(_))
                if port < node.ports.len() =>
            {
                complete(node, scope, at, Status::Succeeded, port);
            }
            (Purpose::Prepare, Evaluation::Items(total), Execution::ForEach) => {
                self.begin_each(plan, scope, at, total, &mut around);
            }
            (Purpose::Prepare, Evaluation::Times(0), Execution::Loop) => {
                self.collect(plan, scope, at, 0, &around);
            }
            (Purpose::Prepare, Evaluation::Times(times), Execution::Loop) => {
                self.begin_time(plan, scope, at, (0, Some(times)), &mut around);
            }
            (Purpose::Prepare, Evaluation::Prepared(parameters), Execution::Timeout) => {
                self.begin_within(plan, scope, at, parameters, &mut around);
            }
            (Purpose::Prepare, Evaluation::Prepared(parameters), execution)
                if execution.leaves_the_engine() =>
            {
                scope.statuses[at] = Status::Active;
                let order = Order {
                    step: step_of(scope, at, &node.id, &around),
                    parameters,
                    timeout_seconds: node.timeout_seconds.unwrap_or(Self::UNLIMITED),
                    heartbeat_seconds: node.heartbeat_seconds,
                };
                self.effects.push(order_effect(execution, order));
            }
            (Purpose::Condition(iteration), Evaluation::Holds(true), Execution::While) => {
                if iteration < number(node, "max_iterations") {
                    self.begin_time(plan, scope, at, (iteration, None), &mut around);
                } else {
                    let cause = format!("it would go on after {iteration} times");
                    let error = NodeError::new(names::LOOP_LIMIT, cause);
                    self.fail(plan, scope, at, &error, &mut around);
                }
            }
            (Purpose::Condition(iteration), Evaluation::Holds(false), Execution::While) => {
                self.collect(plan, scope, at, iteration, &around);
            }
            (Purpose::Collect, Evaluation::Done { .. }, _) => {
                complete(node, scope, at, Status::Succeeded, 0);
            }
            _ => {
                let error = NodeError::new(
                    names::RUNTIME,
                    "what was computed is not what this node is about",
                );
                self.fail(plan, scope, at, &error, &mut around);
            }
        }
    }

    /// What waits for time and not for somebody is over by itself.
    const UNLIMITED: u32 = 2_592_000;

    /// The times are over: the result is asked for.
    fn collect(
        &mut self,
        plan: &ScopePlan,
        scope: &mut Scope,
        at: usize,
        iteration: u32,
        around: &[Iteration],
    ) {
        scope.statuses[at] = Status::Ready;
        scope.more_mut(at).inside = Some(Inside::Repeat(Repeat {
            iteration,
            times: None,
            phase: Phase::Collect,
        }));
        self.compute(plan, scope, at, around);
    }

    /// The result of a body for one time is kept, or could not be.
    fn yielded(&mut self, found: Found<'_, '_>, index: u32, error: Option<NodeError>) {
        let (plan, at, mut around) = (found.plan, found.at, found.around);
        let scope = found.scope;
        if scope.statuses[at] != Status::Iterating {
            return;
        }
        let marks = match scope.more_mut(at).inside.as_mut() {
            Some(Inside::Each(each)) => {
                let Some(inner) = each.active.get_mut(&index).filter(|inner| inner.yielding) else {
                    return;
                };
                let marks = inner.marks();
                if let Some(error) = error {
                    // Settling sees the failure, and counts it.
                    inner.error = Some(error.clipped());
                } else {
                    each.active.remove(&index);
                    each.done.insert(index);
                }
                marks
            }
            Some(Inside::Repeat(repeat)) if repeat.iteration == index => {
                let Phase::Body(inner) = &mut repeat.phase else {
                    return;
                };
                if !inner.yielding {
                    return;
                }
                let marks = inner.marks();
                if let Some(error) = error {
                    inner.error = Some(error.clipped());
                } else {
                    let times = repeat.times;
                    self.next_time(plan, scope, at, (index + 1, times), &mut around);
                }
                marks
            }
            _ => return,
        };
        let more = scope.more_mut(at);
        more.marks = more.marks.and(marks);
    }

    fn next_time(
        &mut self,
        plan: &ScopePlan,
        scope: &mut Scope,
        at: usize,
        (next, times): (u32, Option<u32>),
        around: &mut Vec<Iteration>,
    ) {
        if scope.more_mut(at).closing.is_some() {
            let reason = closing(scope, at);
            super::leave(scope, at, reason);
            return;
        }
        match times {
            Some(times) if next < times => {
                self.begin_time(plan, scope, at, (next, Some(times)), around);
            }
            Some(_) => self.collect(plan, scope, at, next, around),
            None => {
                scope.statuses[at] = Status::Ready;
                scope.more_mut(at).inside = Some(Inside::Repeat(Repeat {
                    iteration: next,
                    times: None,
                    phase: Phase::Condition,
                }));
                self.compute(plan, scope, at, around);
            }
        }
    }
}

fn order_effect(execution: Execution, order: Order) -> Effect {
    match execution {
        Execution::Job => Effect::DispatchJob(order),
        Execution::Call => Effect::CallOut(order),
        Execution::Child => Effect::StartChild(order),
        _ => Effect::OpenWait(order),
    }
}
