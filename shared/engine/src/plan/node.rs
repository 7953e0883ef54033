//! Nodes in their scopes.

use std::{collections::BTreeMap, sync::Arc};

use expr::Expression;

use super::Compiled;
use crate::{
    registry::NodeKind,
    retry::{Catcher, Retrier},
};

/// Nodes that are gone through together: the graph, or a node's body. Every connection leads from an earlier one to a
/// later one.
#[derive(Debug, Default)]
pub struct ScopePlan {
    pub(crate) nodes: Vec<NodePlan>,
}

/// A node.
#[derive(Debug)]
pub struct NodePlan {
    pub(crate) id: String,
    pub(crate) kind: &'static NodeKind,
    pub(crate) description: String,
    pub(crate) parameters: BTreeMap<&'static str, Compiled>,
    /// Where it leads: by name, in the order in which edges and states count them.
    pub(crate) ports: Vec<String>,
    pub(crate) incoming: Vec<Edge>,
    /// Whether something leads from each of its ports.
    pub(crate) connected: Vec<bool>,
    pub(crate) retry: Vec<Retrier>,
    pub(crate) catch: Vec<Catcher>,
    pub(crate) timeout_seconds: Option<u32>,
    pub(crate) heartbeat_seconds: Option<u32>,
    pub(crate) body: Option<ScopePlan>,
    pub(crate) attached: Vec<Attached>,
    /// What is given up when this merge goes on with the first that comes.
    pub(crate) gives_up: Vec<usize>,
    /// The nodes before it that its expressions name.
    pub(crate) references: Vec<Reference>,
}

/// A connection, as its second node sees it.
#[derive(Debug)]
pub(crate) struct Edge {
    /// The first node's place in the scope.
    pub(crate) from: usize,
    /// By which of its ports.
    pub(crate) port: usize,
    pub(crate) convert: Option<Expression>,
    pub(crate) required: bool,
}

/// An earlier node that an expression names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) id: String,
    /// How many scopes outside.
    pub(crate) up: usize,
    /// Its place there.
    pub(crate) position: usize,
}

/// A tool or a memory of an agent.
#[derive(Clone, Debug)]
pub struct Attached {
    pub(crate) id: String,
    pub(crate) kind: &'static NodeKind,
    pub(crate) parameters: Arc<BTreeMap<&'static str, Compiled>>,
}

impl ScopePlan {
    /// The node of that name, and its place.
    pub(crate) fn find(&self, id: &str) -> Option<(usize, &NodePlan)> {
        let mut nodes = self.nodes.iter().enumerate();
        nodes.find(|(_, node)| node.id == id)
    }

    /// Its nodes, each after all that lead to it.
    pub fn nodes(&self) -> &[NodePlan] {
        &self.nodes
    }

    /// Shows every node, inside of others too, with its path in the definition.
    pub(crate) fn each(&self, show: &mut dyn FnMut(&str, &NodePlan)) {
        self.each_under("", show);
    }

    fn each_under(&self, under: &str, show: &mut dyn FnMut(&str, &NodePlan)) {
        for node in &self.nodes {
            let path = format!("{under}nodes.{}", node.id);
            show(&path, node);
            if let Some(body) = &node.body {
                body.each_under(&format!("{path}.body."), show);
            }
        }
    }
}

impl NodePlan {
    /// Its name.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What kind it is.
    pub const fn kind(&self) -> &'static NodeKind {
        self.kind
    }

    /// What it is for, in the definition's words.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// What it repeats.
    pub const fn body(&self) -> Option<&ScopePlan> {
        self.body.as_ref()
    }

    /// What is attached to it.
    pub fn attached(&self) -> &[Attached] {
        &self.attached
    }

    /// Where it leads.
    pub fn ports(&self) -> &[String] {
        &self.ports
    }

    /// The connections that lead to it: the first node's place in the scope and the port's name.
    pub fn sources<'a>(&'a self, scope: &'a ScopePlan) -> impl Iterator<Item = (usize, &'a str)> {
        self.incoming.iter().map(|edge| {
            let ports = &scope.nodes[edge.from].ports;
            (edge.from, ports[edge.port].as_str())
        })
    }

    /// The place of a port.
    pub(crate) fn port(&self, name: &str) -> Option<usize> {
        self.ports.iter().position(|port| port == name)
    }

    /// The port of that name if something leads from it.
    pub(crate) fn connected_port(&self, name: &str) -> Option<usize> {
        self.port(name).filter(|port| self.connected[*port])
    }
}

impl Attached {
    /// Its name.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What kind it is.
    pub const fn kind(&self) -> &'static NodeKind {
        self.kind
    }
}
