//! The names that expressions and templates use: what each may know where it stands.

use std::collections::BTreeSet;

use expr::{Expression, Names, Template};

use super::{Compiled, NodePlan, Reference, ScopePlan, findings::Findings};
use crate::registry::{Execution, Inline};

/// What every expression of a node knows.
const EVERYWHERE: [&str; 3] = ["input", "run", "nodes"];

/// What is around a scope: the node whose body it is, the scope of that node, and its place.
struct Around<'a> {
    scope: &'a ScopePlan,
    position: usize,
}

/// Finds the nodes that expressions name, and says which names are not there.
pub(super) fn resolve(root: &mut ScopePlan, found: &mut Findings) {
    let mut resolved = Vec::new();
    scope(
        root,
        "",
        &mut Vec::new(),
        &mut BTreeSet::new(),
        &mut resolved,
        found,
    );
    let mut resolved = resolved.into_iter();
    put(root, &mut resolved);
}

/// Goes through the nodes in the order in which [`put`] does.
fn scope<'a>(
    here: &'a ScopePlan,
    under: &str,
    around: &mut Vec<Around<'a>>,
    known: &mut BTreeSet<&'static str>,
    resolved: &mut Vec<Vec<Reference>>,
    found: &mut Findings,
) {
    for (position, node) in here.nodes.iter().enumerate() {
        let path = format!("{under}nodes.{}", node.id);
        around.push(Around {
            scope: here,
            position,
        });
        resolved.push(references(node, &path, around, known, found));
        if let Some(body) = &node.body {
            let added: Vec<&str> = inside(node)
                .iter()
                .copied()
                .filter(|name| known.insert(name))
                .collect();
            scope(
                body,
                &format!("{path}.body."),
                around,
                known,
                resolved,
                found,
            );
            for name in added {
                known.remove(name);
            }
        }
        around.pop();
    }
}

fn put(scope: &mut ScopePlan, resolved: &mut dyn Iterator<Item = Vec<Reference>>) {
    for node in &mut scope.nodes {
        node.references = resolved.next().unwrap_or_default();
        if let Some(body) = &mut node.body {
            put(body, resolved);
        }
    }
}

/// What is known in the body of a node.
const fn inside(node: &NodePlan) -> &'static [&'static str] {
    match node.kind.execution() {
        Execution::ForEach => &["item", "index"],
        Execution::Loop | Execution::While => &["iteration", "last"],
        _ => &[],
    }
}

/// What a node's own expressions know beside.
fn own(node: &NodePlan, parameter: &str) -> &'static [&'static str] {
    match (node.kind.execution(), parameter) {
        (Execution::Inline(Inline::Filter), "condition")
        | (Execution::Inline(Inline::Sort), "by") => &["item", "index"],
        (Execution::While, "condition") => &["iteration", "last"],
        _ => &[],
    }
}

fn references(
    node: &NodePlan,
    path: &str,
    around: &[Around<'_>],
    known: &BTreeSet<&'static str>,
    found: &mut Findings,
) -> Vec<Reference> {
    let mut wanted = BTreeSet::new();
    let own_parameters = node.parameters.iter();
    let attached = node.attached.iter().flat_map(|one| one.parameters.iter());
    for (name, compiled) in own_parameters.chain(attached) {
        let path = format!("{path}.parameters.{name}");
        let more = own(node, name);
        let is_known =
            |name: &str| EVERYWHERE.contains(&name) || known.contains(name) || more.contains(&name);
        let mut used = Used::default();
        compiled.each_expression(&mut |expression| used.expression(expression));
        if let Compiled::Text(template) = compiled {
            used.template(template);
        }
        for name in used.names.iter().filter(|name| !is_known(name)) {
            let mut all: Vec<&str> = EVERYWHERE
                .into_iter()
                .chain(known.iter().copied())
                .collect();
            all.extend(more);
            let reason = format!("`{name}` is not known here");
            found.add(&path, reason, format!("there are {}", all.join(", ")));
        }
        if used.all_nodes {
            let fix =
                "name each node, as in `$nodes.list`, so that it is known what has to be there";
            found.add(&path, "it reads `nodes` as a whole", fix);
        }
        wanted.extend(used.nodes.into_iter().map(|id| (id, path.clone())));
    }
    let found_nodes = wanted
        .into_iter()
        .filter_map(|(id, path)| earlier(&id, &path, around, found));
    let mut references: Vec<Reference> = found_nodes.collect();
    references.dedup();
    references
}

/// The node of that name that is over whenever the innermost of `around` runs.
fn earlier(id: &str, path: &str, around: &[Around<'_>], found: &mut Findings) -> Option<Reference> {
    for (up, here) in around.iter().rev().enumerate() {
        let Some((position, _)) = here.scope.find(id) else {
            continue;
        };
        if leads(here.scope, position, here.position) {
            let id = id.to_owned();
            return Some(Reference { id, up, position });
        }
        let reason = format!("`{id}` does not lead to this node");
        found.add(
            path,
            reason,
            "name a node that comes before it on every way",
        );
        return None;
    }
    let reason = format!("there is no node `{id}` here or around");
    found.add(
        path,
        reason,
        "name a node of this scope or of one around it",
    );
    None
}

/// Whether some way leads from one node to another.
fn leads(scope: &ScopePlan, from: usize, to: usize) -> bool {
    let (mut next, mut seen) = (vec![to], BTreeSet::new());
    while let Some(at) = next.pop() {
        let before = scope.nodes[at].incoming.iter().map(|edge| edge.from);
        for place in before.filter(|place| *place >= from) {
            if place == from {
                return true;
            }
            if seen.insert(place) {
                next.push(place);
            }
        }
    }
    false
}

/// What is named.
#[derive(Default)]
struct Used {
    names: BTreeSet<String>,
    nodes: BTreeSet<String>,
    all_nodes: bool,
}

impl Used {
    fn expression(&mut self, expression: &Expression) {
        self.names.extend(expression.variables());
        match expression.reads_of("nodes") {
            Names::None => {}
            Names::These(nodes) => self.nodes.extend(nodes),
            Names::All => self.all_nodes = true,
        }
    }

    fn template(&mut self, template: &Template) {
        for name in template.names() {
            let mut parts = name.split('.');
            let first = parts.next().unwrap_or_default();
            self.names.insert(first.to_owned());
            match (first, parts.next()) {
                ("nodes", Some(node)) => {
                    self.nodes.insert(node.to_owned());
                }
                ("nodes", None) => self.all_nodes = true,
                _ => {}
            }
        }
    }
}
