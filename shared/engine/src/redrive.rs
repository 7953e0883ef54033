//! A new run that takes over what an earlier one has done.

use std::collections::BTreeSet;

use crate::{
    evaluate::{OutputKey, Part},
    path::{Path, Step},
    plan::{NodePlan, Plan, ScopePlan},
    registry::{Execution, NodeType},
    state::{Control, Each, Inside, More, Scope, State, Status},
};

/// The first state of a run that takes over what an earlier one of the same version has done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redriven {
    /// The state. Nothing of it has begun: the run begins with [`Event::Resume`](crate::Event::Resume).
    pub state: State,
    /// What the earlier run kept that this one needs, under the same keys.
    pub taken: Vec<OutputKey>,
}

/// Takes over what an earlier run has done: nodes that succeeded, with what follows from them alone, and the items of a
/// `for_each` that are done. What people have said is asked again unless what came of it is taken over too. Nothing is
/// taken over of a run that is not over.
pub fn redrive(plan: &Plan, earlier: &State) -> Option<Redriven> {
    earlier.ended()?;
    if !earlier.fits(plan) {
        return None;
    }
    let kept = kept(&plan.root, &earlier.root);
    let mut taken = Vec::new();
    let mut root = Scope::new(&plan.root);
    for (at, node) in plan.root.nodes.iter().enumerate() {
        if kept.contains(&at) {
            take_over(node, at, &earlier.root, &mut root, &mut taken);
        } else if let Some(each) = done_items(node, at, &earlier.root, &kept) {
            take_items(node, at, &earlier.root, each, &mut root, &mut taken);
        }
    }
    begin_again(&plan.root, &earlier.root, &mut root);
    let mut state = State::new(plan);
    state.control = Control::Pause;
    state.root = root;
    Some(Redriven { state, taken })
}

/// The trigger by which the earlier run began begins this one, if it had not even handed on what it was given.
fn begin_again(plan: &ScopePlan, earlier: &Scope, root: &mut Scope) {
    let triggers = plan
        .nodes
        .iter()
        .enumerate()
        .filter(|(_, node)| node.is_trigger());
    let mut begun = false;
    for (at, _) in triggers {
        if root.statuses[at] == Status::Pending {
            let chosen = !begun && earlier.statuses[at] != Status::Skipped;
            root.statuses[at] = if chosen {
                Status::Ready
            } else {
                Status::Skipped
            };
        }
        begun |= root.statuses[at] != Status::Skipped;
    }
}

/// The nodes that are taken over. What people have said is left out until nothing changes any more.
fn kept(plan: &ScopePlan, earlier: &Scope) -> BTreeSet<usize> {
    let mut again = BTreeSet::new();
    loop {
        let kept = kept_without(plan, earlier, &again);
        let asked: Vec<usize> = kept
            .iter()
            .copied()
            .filter(|at| {
                plan.nodes[*at].kind.node_type() == NodeType::HumanInTheLoop
                    && has_open_consumer(plan, earlier, *at, &kept)
            })
            .collect();
        if asked.is_empty() {
            return kept;
        }
        again.extend(asked);
    }
}

fn kept_without(plan: &ScopePlan, earlier: &Scope, again: &BTreeSet<usize>) -> BTreeSet<usize> {
    let mut kept = BTreeSet::new();
    for (at, node) in plan.nodes.iter().enumerate() {
        let status = earlier.statuses[at];
        let before = node.incoming.iter().all(|edge| kept.contains(&edge.from));
        let came = node
            .incoming
            .iter()
            .any(|edge| comes(earlier, edge.from, edge.port));
        let stays = match status {
            Status::Succeeded | Status::Unchanged | Status::Caught => before,
            // Left out by the graph and not by the end of the run.
            Status::Skipped => node.is_trigger() || (before && !came && !node.incoming.is_empty()),
            _ => false,
        };
        if stays && !again.contains(&at) {
            kept.insert(at);
        }
    }
    kept
}

fn comes(scope: &Scope, from: usize, port: usize) -> bool {
    scope.statuses[from].leads_on() && scope.port(from) == port
}

/// Whether something that goes on from here is not taken over.
fn has_open_consumer(plan: &ScopePlan, earlier: &Scope, at: usize, kept: &BTreeSet<usize>) -> bool {
    plan.nodes.iter().enumerate().any(|(to, node)| {
        let leads = node
            .incoming
            .iter()
            .any(|edge| edge.from == at && comes(earlier, at, edge.port));
        leads && !kept.contains(&to)
    })
}

fn take_over(
    node: &NodePlan,
    at: usize,
    earlier: &Scope,
    root: &mut Scope,
    taken: &mut Vec<OutputKey>,
) {
    root.statuses[at] = earlier.statuses[at];
    if let Some(more) = earlier.more.get(&at) {
        root.more.insert(
            at,
            More {
                attempt: more.attempt,
                port: more.port,
                marks: more.marks,
                ..More::default()
            },
        );
    }
    // Time keeps nothing of its own, nor does what has waited in vain.
    let silent = node.kind.execution() == Execution::Timer
        || (node.kind.execution() == Execution::Reply
            && node
                .ports
                .get(earlier.port(at))
                .is_some_and(|port| port == "timeout"));
    if earlier.statuses[at].leads_on() && (!silent || earlier.statuses[at] == Status::Caught) {
        taken.push(OutputKey::result(step(node, at, earlier)));
    }
}

fn step(node: &NodePlan, at: usize, scope: &Scope) -> Step {
    Step {
        path: Path::new(&[], &node.id),
        attempt: scope.attempt(at),
    }
}

/// The items of a `for_each` whose list came from nodes that are taken over.
fn done_items<'a>(
    node: &NodePlan,
    at: usize,
    earlier: &'a Scope,
    kept: &BTreeSet<usize>,
) -> Option<&'a Each> {
    let before = node.incoming.iter().all(|edge| kept.contains(&edge.from));
    let named = node
        .references
        .iter()
        .all(|reference| kept.contains(&reference.position));
    match earlier.inside(at)? {
        Inside::Each(each) if before && named && !each.done.is_empty() => Some(each),
        _ => None,
    }
}

fn take_items(
    node: &NodePlan,
    at: usize,
    earlier: &Scope,
    each: &Each,
    root: &mut Scope,
    taken: &mut Vec<OutputKey>,
) {
    root.statuses[at] = Status::Iterating;
    let more = root.more_mut(at);
    more.attempt = earlier.attempt(at);
    more.inside = Some(Inside::Each(Each {
        total: each.total,
        next: 0,
        active: std::collections::BTreeMap::new(),
        done: each.done.clone(),
        failed: crate::state::Bits::default(),
        error: None,
    }));
    let step = step(node, at, earlier);
    let parts = (0..each.total)
        .filter(|item| each.done.contains(*item))
        .map(Part::Item);
    taken.extend(
        std::iter::once(Part::Items)
            .chain(parts)
            .map(|part| OutputKey {
                step: step.clone(),
                part,
            }),
    );
}
