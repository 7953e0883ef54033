//! What a run waits for, as its state says: whatever is lost on the way is found here and done again.

use crate::{
    event::Purpose,
    path::{Iteration, Path, Step},
    plan::{Plan, ScopePlan},
    registry::Execution,
    state::{Control, Inside, Phase, Reason, Repeat, Scope, State, Status, TimerState},
    walk::{each_body, purpose},
};

/// One thing that a run waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// The try.
    pub step: Step,
    /// What about it.
    pub what: Waiting,
}

/// What a run waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// The engine has to compute something.
    Computation(Purpose),
    /// Somebody does it; which kind of item it is follows from the kind of node.
    Work(Execution),
    /// A delay before a further try.
    Delay,
    /// Its item is to be closed.
    Close(Reason),
    /// Somebody has to say that it is tried again.
    Hand,
}

/// All that a run waits for, in the order of its graph.
pub fn open(plan: &Plan, state: &State) -> OpenItems {
    let mut found = Vec::new();
    if state.ended().is_none() {
        each_body(
            &plan.root,
            &state.root,
            &mut Vec::new(),
            &mut |plan, scope, around| {
                for at in 0..plan.nodes.len() {
                    of_node(plan, scope, at, around, &mut found);
                }
            },
        );
    }
    if state.control() != Control::Run {
        found.retain(|open| !matches!(open.what, Waiting::Computation(_)));
    }
    OpenItems(found)
}

/// All that a run waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenItems(Vec<Open>);

impl OpenItems {
    /// Each of it.
    pub fn iter(&self) -> impl Iterator<Item = &Open> {
        self.0.iter()
    }

    /// What the engine has to compute.
    pub fn computations(self) -> impl Iterator<Item = (Step, Purpose)> {
        self.0.into_iter().filter_map(|open| match open.what {
            Waiting::Computation(purpose) => Some((open.step, purpose)),
            _ => None,
        })
    }

    /// Whether there is nothing.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn of_node(
    plan: &ScopePlan,
    scope: &Scope,
    at: usize,
    around: &[Iteration],
    found: &mut Vec<Open>,
) {
    let node = &plan.nodes[at];
    let step = || Step {
        path: Path::new(around, &node.id),
        attempt: scope.attempt(at),
    };
    let mut add = |what| {
        found.push(Open { step: step(), what });
    };
    match scope.statuses[at] {
        Status::Ready => add(Waiting::Computation(purpose(scope, at))),
        Status::Active => add(Waiting::Work(node.kind.execution())),
        Status::Delayed => add(Waiting::Delay),
        Status::Closing => add(Waiting::Close(closing(scope, at))),
        Status::Held => add(Waiting::Hand),
        Status::Iterating => match scope.inside(at) {
            Some(Inside::Each(each)) => {
                for (index, _) in each.active.iter().filter(|(_, inner)| inner.yielding) {
                    add(Waiting::Computation(Purpose::Yield(*index)));
                }
            }
            Some(Inside::Repeat(Repeat {
                iteration,
                phase: Phase::Body(inner),
                ..
            })) if inner.yielding => add(Waiting::Computation(Purpose::Yield(*iteration))),
            Some(Inside::Within(within)) => match within.timer {
                TimerState::Open => add(Waiting::Work(Execution::Timeout)),
                TimerState::Closing => add(Waiting::Close(closing(scope, at))),
                TimerState::Closed | TimerState::Fired => {}
            },
            _ => {}
        },
        _ => {}
    }
}

fn closing(scope: &Scope, at: usize) -> Reason {
    let more = scope.more.get(&at);
    more.and_then(|more| more.closing)
        .unwrap_or(Reason::NotNeeded)
}
