//! An order in which every node comes after all that lead to it.

use std::collections::BTreeSet;

use super::{NodePlan, ScopePlan, findings::Findings};
use crate::registry::{Execution, Inline};

/// Puts nodes in order; of those that could be next, the one whose name is first.
pub(super) fn order(nodes: Vec<NodePlan>, under: &str, found: &mut Findings) -> ScopePlan {
    let mut waiting: BTreeSet<usize> = (0..nodes.len()).collect();
    let mut ordered: Vec<usize> = Vec::with_capacity(nodes.len());
    while let Some(next) = next(&nodes, &waiting) {
        waiting.remove(&next);
        ordered.push(next);
    }
    if !waiting.is_empty() {
        let circle: Vec<&str> = waiting.iter().map(|at| nodes[*at].id.as_str()).collect();
        let reason = format!(
            "{} lead to one another or follow from such a circle",
            circle.join(", ")
        );
        let fix = "what is to be repeated is the body of a loop, while or for_each";
        found.add(format!("{under}connections"), reason, fix);
        return ScopePlan::default();
    }
    let mut scope = rearrange(nodes, &ordered);
    for at in 0..scope.nodes.len() {
        if gives_up_others(&scope.nodes[at]) {
            scope.nodes[at].gives_up = leads_only_to(&scope, at);
        }
    }
    scope
}

fn next(nodes: &[NodePlan], waiting: &BTreeSet<usize>) -> Option<usize> {
    waiting
        .iter()
        .copied()
        .filter(|at| {
            nodes[*at]
                .incoming
                .iter()
                .all(|edge| !waiting.contains(&edge.from))
        })
        .min_by_key(|at| &nodes[*at].id)
}

fn rearrange(nodes: Vec<NodePlan>, ordered: &[usize]) -> ScopePlan {
    let mut places = vec![0; nodes.len()];
    for (place, at) in ordered.iter().enumerate() {
        places[*at] = place;
    }
    let mut numbered: Vec<(usize, NodePlan)> = nodes.into_iter().enumerate().collect();
    numbered.sort_by_key(|(at, _)| places[*at]);
    let nodes = numbered.into_iter().map(|(_, mut node)| {
        for edge in &mut node.incoming {
            edge.from = places[edge.from];
        }
        node.incoming.sort_by_key(|edge| (edge.from, edge.port));
        node
    });
    ScopePlan {
        nodes: nodes.collect(),
    }
}

fn gives_up_others(node: &NodePlan) -> bool {
    let word = |name: &str| node.parameters.get(name).and_then(|value| value.word());
    node.kind.execution() == Execution::Inline(Inline::Merge)
        && word("wait_for") == Some("any")
        && word("others") == Some("cancel")
}

/// The nodes from which every way leads to `merge`: nobody misses them once it has gone on.
fn leads_only_to(scope: &ScopePlan, merge: usize) -> Vec<usize> {
    let mut only = BTreeSet::from([merge]);
    for at in (0..merge).rev() {
        let mut followers = scope.nodes.iter().enumerate().filter_map(|(to, node)| {
            node.incoming
                .iter()
                .any(|edge| edge.from == at)
                .then_some(to)
        });
        let leads = scope.nodes[at].connected.contains(&true);
        if leads && !scope.nodes[at].is_trigger() && followers.all(|to| only.contains(&to)) {
            only.insert(at);
        }
    }
    only.remove(&merge);
    only.into_iter().collect()
}
