//! What leads where.

use std::collections::{BTreeMap, BTreeSet};

use expr::{Expression, Names};

use super::{Edge, NodePlan, findings::Findings};
use crate::{registry::NodeType, written::WrittenConnection};

/// Puts the connections of a scope to its nodes.
pub(super) fn connect(
    mut nodes: Vec<NodePlan>,
    connections: &[WrittenConnection],
    attached: &BTreeSet<String>,
    under: &str,
    found: &mut Findings,
) -> Vec<NodePlan> {
    let places: BTreeMap<String, usize> = nodes
        .iter()
        .enumerate()
        .map(|(at, node)| (node.id.clone(), at))
        .collect();
    let mut known = BTreeSet::new();
    for (at, one) in connections.iter().enumerate() {
        let path = format!("{under}connections[{at}]");
        let ends = [("from", &one.from), ("to", &one.to)].map(|(end, id)| {
            let place = places.get(id).copied();
            if place.is_none() {
                let (reason, fix) = missing(id, attached, &places);
                found.add(format!("{path}.{end}"), reason, fix);
            }
            place
        });
        let [Some(from), Some(to)] = ends else {
            continue;
        };
        let Some(port) = port(&nodes[from], one, &path, found) else {
            continue;
        };
        if !known.insert((from, port, to)) {
            found.add(&path, "it is there twice", "leave one out");
            continue;
        }
        if nodes[to].kind.node_type() == NodeType::Trigger {
            found.add(
                &path,
                "it leads to a trigger",
                "runs begin there; nothing leads to it",
            );
            continue;
        }
        let convert = one
            .convert
            .as_deref()
            .and_then(|source| conversion(source, &path, found));
        nodes[from].connected[port] = true;
        nodes[to].incoming.push(Edge {
            from,
            port,
            convert,
            required: one.required,
        });
    }
    nodes
}

fn missing(
    id: &str,
    attached: &BTreeSet<String>,
    places: &BTreeMap<String, usize>,
) -> (String, String) {
    if attached.contains(id) {
        let fix = "name it in an agent's attached_nodes, and in no connection";
        return (format!("`{id}` is a tool or a memory"), fix.to_owned());
    }
    let all: Vec<&str> = places.keys().map(String::as_str).collect();
    (
        format!("there is no node `{id}`"),
        format!("there are {}", all.join(", ")),
    )
}

fn port(
    from: &NodePlan,
    one: &WrittenConnection,
    path: &str,
    found: &mut Findings,
) -> Option<usize> {
    let port = match &one.output {
        None => Some(0),
        Some(name) => from.port(name),
    };
    if port.is_none() {
        let reason = format!("`{}` has no such output", one.from);
        found.add(
            format!("{path}.output"),
            reason,
            format!("it has {}", from.ports.join(", ")),
        );
    }
    port
}

/// What is handed on is computed from what the first node gives, and from nothing else.
fn conversion(source: &str, path: &str, found: &mut Findings) -> Option<Expression> {
    let path = format!("{path}.convert");
    match Expression::compile(source) {
        Ok(expression) if expression.reads_of("nodes") == Names::None => Some(expression),
        Ok(_) => {
            found.add(
                path,
                "it reads other nodes",
                "compute it in a node of its own",
            );
            None
        }
        Err(error) => {
            found.add(path, error.to_string(), "mend the JSONata expression");
            None
        }
    }
}
