//! Finding the node that an event is about.

use crate::{
    path::{Iteration, Step},
    plan::{NodePlan, ScopePlan},
    state::{Inside, Phase, Repeat, Scope, Status},
};

/// A node, with the scope that it is in.
pub(super) struct Found<'p, 's> {
    pub(super) plan: &'p ScopePlan,
    pub(super) scope: &'s mut Scope,
    pub(super) at: usize,
    pub(super) around: Vec<Iteration>,
}

impl<'p> Found<'p, '_> {
    pub(super) fn node(&self) -> &'p NodePlan {
        &self.plan.nodes[self.at]
    }

    pub(super) fn status(&self) -> Status {
        self.scope.statuses[self.at]
    }
}

/// The node that a step is a try of, if that try is the one that the run is at.
pub(super) fn locate<'p, 's>(
    root: &'p ScopePlan,
    scope: &'s mut Scope,
    step: &Step,
) -> Option<Found<'p, 's>> {
    let found = locate_node(root, scope, step)?;
    (found.scope.attempt(found.at) == step.attempt).then_some(found)
}

/// The node that a step is a try of, whichever try the run is at.
pub(super) fn locate_node<'p, 's>(
    root: &'p ScopePlan,
    scope: &'s mut Scope,
    step: &Step,
) -> Option<Found<'p, 's>> {
    let (mut plan, mut scope) = (root, scope);
    for iteration in step.path.around() {
        let (at, node) = plan.find(&iteration.node)?;
        if scope.attempt(at) != iteration.attempt {
            return None;
        }
        plan = node.body.as_ref()?;
        scope = body(scope, at, iteration.index)?;
    }
    let (at, _) = plan.find(step.path.node())?;
    let around = step.path.around().to_vec();
    Some(Found {
        plan,
        scope,
        at,
        around,
    })
}

/// The body of a node for one time, if it is at work.
fn body(scope: &mut Scope, at: usize, index: u32) -> Option<&mut Scope> {
    match scope.more.get_mut(&at)?.inside.as_mut()? {
        Inside::Each(each) => each.active.get_mut(&index),
        Inside::Repeat(Repeat {
            iteration,
            phase: Phase::Body(body),
            ..
        }) if *iteration == index => Some(body),
        Inside::Within(within) if index == 0 => Some(&mut within.body),
        Inside::Repeat(_) | Inside::Within(_) => None,
    }
}
