//! From what is written to a plan.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use domain::DefinitionRef;
use expr::Schema;

use super::{
    Attached, NodePlan, Plan, ScopePlan,
    check::{bound_times, check_head, check_roots, check_rules, check_tasks, timeout},
    connect,
    findings::Findings,
    names, order, parameters,
};
use crate::{
    fault::Faults,
    registry::{self, Execution, NodeKind, NodeType},
    written::{WrittenConnection, WrittenGraph, WrittenNode},
};

/// The most nodes, those inside of others too.
const NODES: usize = 500;
/// The most connections of one scope.
const CONNECTIONS: usize = 2000;
/// The most nodes with bodies in one another.
const DEPTH: usize = 4;
/// The longest name of a node.
const LONGEST_ID: usize = 40;

pub(super) fn compile(written: WrittenGraph) -> Result<Plan, Faults> {
    let mut found = Findings::default();
    check_head(&written, &mut found);
    let input = written.input.as_ref().and_then(|schema| {
        let compiled = Schema::compile(schema);
        compiled
            .map_err(|error| {
                found.add(
                    "input",
                    error.to_string(),
                    "write a JSON Schema of draft 2020-12",
                );
            })
            .ok()
    });
    let root = scope(written.nodes, &written.connections, "", 0, &mut found);
    check_roots(&root, &mut found);
    check_tasks(&root, &written.targets, &mut found);
    let mut root = root;
    bound_times(&mut root, "", written.timeout_seconds, &mut found);
    names::resolve(&mut root, &mut found);
    Faults::of(found.faults)?;
    Ok(Plan {
        reference: DefinitionRef {
            name: written.name,
            version: written.version,
        },
        description: written.description,
        targets: written.targets,
        input,
        concurrency: written.concurrency,
        timeout_seconds: written.timeout_seconds,
        on_failure: written.on_failure,
        root,
    })
}

/// The nodes of one scope, in order.
fn scope(
    written: BTreeMap<String, WrittenNode>,
    connections: &[WrittenConnection],
    under: &str,
    depth: usize,
    found: &mut Findings,
) -> ScopePlan {
    found.nodes += written.len();
    if found.nodes > NODES {
        let reason = format!("there are more than {NODES} nodes");
        found.add(
            format!("{under}nodes"),
            reason,
            "put parts into definitions of their own and use sub_run",
        );
        return ScopePlan::default();
    }
    if connections.len() > CONNECTIONS {
        let reason = format!("there are more than {CONNECTIONS} connections");
        found.add(
            format!("{under}connections"),
            reason,
            "use merge and for_each",
        );
        return ScopePlan::default();
    }
    if written.is_empty() {
        found.add(
            format!("{under}nodes"),
            "there are none",
            "write at least one node",
        );
    }
    let (mut loose, mut nodes) = (BTreeMap::new(), Vec::new());
    let mut kinds = Vec::new();
    for (id, one) in written {
        let path = format!("{under}nodes.{id}");
        check_id(&id, &path, found);
        if let Some(kind) = kind(&one, &path, found) {
            kinds.push((id, kind, one, path));
        }
    }
    let (attached, others): (Vec<_>, Vec<_>) = kinds
        .into_iter()
        .partition(|(_, kind, ..)| kind.execution() == Execution::Attached);
    for (id, kind, one, path) in attached {
        let parameters = parameters::compile(kind, one.parameters, &path, found).0;
        let parameters = Arc::new(parameters);
        loose.insert(
            id.clone(),
            Attached {
                id,
                kind,
                parameters,
            },
        );
    }
    let mut used = BTreeSet::new();
    for (id, kind, mut one, path) in others {
        let wanted = std::mem::take(&mut one.attached_nodes);
        used.extend(wanted.iter().cloned());
        let attached = attach(kind, &wanted, &loose, &path, found);
        let mut node = node(id, kind, one, &path, depth, found);
        node.attached = attached;
        nodes.push(node);
    }
    for id in loose.keys().filter(|id| !used.contains(*id)) {
        let path = format!("{under}nodes.{id}");
        found.add(
            path,
            "no agent has it attached",
            "name it in an agent's attached_nodes",
        );
    }
    let loose: BTreeSet<String> = loose.into_keys().collect();
    let nodes = connect::connect(nodes, connections, &loose, under, found);
    order::order(nodes, under, found)
}

fn attach(
    kind: &NodeKind,
    wanted: &[String],
    loose: &BTreeMap<String, Attached>,
    path: &str,
    found: &mut Findings,
) -> Vec<Attached> {
    let path = format!("{path}.attached_nodes");
    if !wanted.is_empty() && kind.node_type() != NodeType::AiAgent {
        found.add(&path, "only agents have nodes attached", "leave it out");
        return Vec::new();
    }
    let mut attached = Vec::new();
    for id in wanted {
        match loose.get(id) {
            Some(one) => attached.push(one.clone()),
            None => found.add(
                &path,
                format!("`{id}` is no tool and no memory here"),
                "name one of them",
            ),
        }
    }
    attached
}

fn check_id(id: &str, path: &str, found: &mut Findings) {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let fits = id.len() <= LONGEST_ID
        && id.as_bytes().first().is_some_and(u8::is_ascii_lowercase)
        && id.bytes().all(plain);
    if !fits {
        let fix =
            format!("take at most {LONGEST_ID} lower-case letters, digits and `_`, a letter first");
        found.add(path, "it is no name of a node", fix);
    }
}

fn kind(written: &WrittenNode, path: &str, found: &mut Findings) -> Option<&'static NodeKind> {
    let kind = registry::kind(written.r#type, &written.subtype);
    if kind.is_none() {
        let all = registry::kinds().filter(|kind| kind.node_type() == written.r#type);
        let all: Vec<&str> = all.map(NodeKind::subtype).collect();
        let near = all.iter().max_by(|a, b| {
            let near = |name: &str| strsim::jaro_winkler(name, &written.subtype);
            near(a).total_cmp(&near(b))
        });
        let reason = format!(
            "{} has no subtype `{}`",
            written.r#type.name(),
            written.subtype
        );
        let near = near
            .map(|name| format!("`{name}` is near; "))
            .unwrap_or_default();
        found.add(
            format!("{path}.subtype"),
            reason,
            format!("{near}there are {}", all.join(", ")),
        );
    }
    kind
}

fn node(
    id: String,
    kind: &'static NodeKind,
    written: WrittenNode,
    path: &str,
    depth: usize,
    found: &mut Findings,
) -> NodePlan {
    check_rules(kind, &written, path, found);
    let timeout_seconds = timeout(kind, &written, path, found);
    let (parameters, cases) = parameters::compile(kind, written.parameters, path, found);
    let mut ports: Vec<String> = kind.ports().iter().map(|port| (*port).to_owned()).collect();
    let more = cases
        .into_iter()
        .chain(written.catch.iter().map(|rule| rule.output.clone()));
    for port in more {
        if !ports.contains(&port) {
            ports.push(port);
        }
    }
    let body = match (kind.execution().has_body(), written.body) {
        (true, Some(_)) if depth == DEPTH => {
            found.add(
                path,
                format!("bodies are nested more than {DEPTH} deep"),
                "use sub_run",
            );
            None
        }
        (true, Some(body)) => Some(scope(
            body.nodes,
            &body.connections,
            &format!("{path}.body."),
            depth + 1,
            found,
        )),
        (true, None) => {
            found.add(
                path,
                "it has nothing to repeat",
                "write `body` with nodes and connections",
            );
            None
        }
        (false, Some(_)) => {
            found.add(
                format!("{path}.body"),
                "a node of this kind has no body",
                "leave it out",
            );
            None
        }
        (false, None) => None,
    };
    NodePlan {
        id,
        kind,
        description: written.description,
        parameters,
        connected: vec![false; ports.len()],
        ports,
        incoming: Vec::new(),
        retry: written.retry,
        catch: written.catch,
        timeout_seconds,
        heartbeat_seconds: written.heartbeat_seconds,
        body,
        attached: Vec::new(),
        gives_up: Vec::new(),
        references: Vec::new(),
    }
}
