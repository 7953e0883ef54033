//! Going through states, with the path of what is met.

use crate::{
    event::Purpose,
    path::{Iteration, Path, Step},
    plan::ScopePlan,
    state::{Inside, More, Phase, Repeat, Scope},
};

/// Shows a scope and every body at work inside of it.
pub(crate) fn each_body(
    plan: &ScopePlan,
    scope: &Scope,
    around: &mut Vec<Iteration>,
    show: &mut dyn FnMut(&ScopePlan, &Scope, &[Iteration]),
) {
    show(plan, scope, around);
    for (at, More { inside, .. }) in &scope.more {
        let (Some(node), Some(inside)) = (plan.nodes.get(*at), inside) else {
            continue;
        };
        let Some(body) = &node.body else {
            continue;
        };
        let step = step_of(scope, *at, &node.id, around);
        let mut inner = |scope: &Scope, index: u32, around: &mut Vec<Iteration>| {
            around.push(iteration(&step, index));
            each_body(body, scope, around, show);
            around.pop();
        };
        match inside {
            Inside::Each(each) => {
                for (index, scope) in &each.active {
                    inner(scope, *index, around);
                }
            }
            Inside::Repeat(Repeat {
                iteration,
                phase: Phase::Body(scope),
                ..
            }) => inner(scope, *iteration, around),
            Inside::Repeat(_) => {}
            Inside::Within(within) => inner(&within.body, 0, around),
        }
    }
}

/// What is computed for a ready node.
pub(crate) fn purpose(scope: &Scope, at: usize) -> Purpose {
    match scope.inside(at) {
        None => Purpose::Prepare,
        Some(Inside::Repeat(Repeat {
            iteration,
            phase: Phase::Condition,
            ..
        })) => Purpose::Condition(*iteration),
        Some(_) => Purpose::Collect,
    }
}

/// The try of a node that its scope is at.
pub(crate) fn step_of(scope: &Scope, at: usize, id: &str, around: &[Iteration]) -> Step {
    Step {
        path: Path::new(around, id),
        attempt: scope.attempt(at),
    }
}

/// One time of a node's body.
pub(crate) fn iteration(step: &Step, index: u32) -> Iteration {
    Iteration {
        node: step.path.node().to_owned(),
        attempt: step.attempt,
        index,
    }
}
