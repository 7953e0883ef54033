//! Random graphs, as data that the engine does not know.

use serde_json::{Map, Value, json};

use super::chance::Chance;

/// Which graphs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kinds {
    /// Those whose end does not depend on what comes first.
    WithoutRaces,
    /// All.
    All,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// A call; what it fails with is caught, or not.
    Call {
        tries: u32,
        caught: bool,
    },
    Compute,
    If {
        holds: bool,
    },
    Merge,
    /// Goes on with the first.
    Any {
        cancel: bool,
    },
    Each {
        items: usize,
        concurrency: usize,
        tolerated: usize,
        body: Graph,
    },
    Loop {
        times: u32,
        body: Graph,
    },
    While {
        times: u32,
        body: Graph,
    },
    Timeout {
        body: Graph,
    },
}

#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) id: String,
    pub(super) kind: Kind,
    /// What leads here: the place of the first node, none for where the scope begins, and its output.
    pub(super) sources: Vec<(Option<usize>, &'static str, bool)>,
}

/// Nodes, each led to by earlier ones. The first one of the graph is led to by the trigger.
#[derive(Clone, Debug)]
pub(super) struct Graph {
    pub(super) nodes: Vec<Node>,
}

impl Graph {
    pub(super) fn random(chance: &mut Chance, kinds: Kinds) -> Self {
        let count = 1 + chance.below(9);
        Self::scope(chance, kinds, count, 0, Around::Graph)
    }

    fn scope(
        chance: &mut Chance,
        kinds: Kinds,
        count: usize,
        depth: usize,
        around: Around,
    ) -> Self {
        let mut nodes: Vec<Node> = Vec::new();
        for at in 0..count {
            let sources = sources(chance, &nodes, around);
            let kind = kind(chance, kinds, depth, around, sources.len());
            nodes.push(Node {
                id: format!("n{at}"),
                kind,
                sources,
            });
        }
        Self { nodes }
    }

    /// The definition that it is.
    pub(super) fn text(&self, on_failure: &str) -> String {
        let (mut nodes, mut connections) = self.parts();
        nodes.insert(
            "start".to_owned(),
            json!({"type": "trigger", "subtype": "manual"}),
        );
        for node in self
            .nodes
            .iter()
            .filter(|node| node.sources.iter().any(|(from, ..)| from.is_none()))
        {
            connections.push(json!({"from": "start", "to": node.id}));
        }
        let text = json!({
            "format": 1, "name": "random", "version": 1, "on_failure": on_failure,
            "nodes": nodes, "connections": connections,
        });
        serde_json::to_string_pretty(&text).unwrap()
    }

    fn parts(&self) -> (Map<String, Value>, Vec<Value>) {
        let (mut nodes, mut connections) = (Map::new(), Vec::new());
        for node in &self.nodes {
            nodes.insert(node.id.clone(), node.kind.written());
            for (from, output, required) in &node.sources {
                if let Some(from) = from {
                    let from = &self.nodes[*from].id;
                    connections.push(json!({"from": from, "to": node.id, "output": output, "required": required}));
                }
            }
        }
        (nodes, connections)
    }

    fn written(&self) -> Value {
        let (nodes, connections) = self.parts();
        json!({"nodes": nodes, "connections": connections})
    }

    /// The kinds in it.
    pub(super) fn kinds(&self) -> Vec<&'static str> {
        let own = self.nodes.iter().map(|node| match node.kind {
            Kind::Call { .. } => "call",
            Kind::Compute => "compute",
            Kind::If { .. } => "if",
            Kind::Merge => "merge",
            Kind::Any { .. } => "any",
            Kind::Each { .. } => "each",
            Kind::Loop { .. } => "loop",
            Kind::While { .. } => "while",
            Kind::Timeout { .. } => "timeout",
        });
        own.collect()
    }
}

/// What a scope is the body of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Around {
    Graph,
    Each,
    Other,
}

fn sources(
    chance: &mut Chance,
    nodes: &[Node],
    around: Around,
) -> Vec<(Option<usize>, &'static str, bool)> {
    let at = nodes.len();
    if at == 0 || (around != Around::Graph && chance.once_in(5)) {
        return vec![(None, "result", false)];
    }
    let mut sources: Vec<(Option<usize>, &'static str, bool)> = Vec::new();
    for _ in 0..=chance.below(3) {
        if around == Around::Graph && chance.once_in(8) {
            sources.push((None, "result", false));
            continue;
        }
        let from = chance.below(at);
        let output = match &nodes[from].kind {
            Kind::If { .. } if chance.once_in(2) => "false",
            Kind::If { .. } => "true",
            Kind::Call { caught: true, .. } if chance.once_in(3) => "error",
            _ => "result",
        };
        sources.push((Some(from), output, chance.once_in(6)));
    }
    // In a body, what is led to by nothing begins; it cannot be led to by both.
    if around != Around::Graph {
        sources.retain(|(from, ..)| from.is_some());
    }
    sources.sort_unstable();
    sources.dedup_by_key(|(from, output, _)| (*from, *output));
    sources
}

fn kind(chance: &mut Chance, kinds: Kinds, depth: usize, around: Around, sources: usize) -> Kind {
    let races = kinds == Kinds::All;
    // An item may fail; elsewhere only where races are allowed.
    let caught = !(around == Around::Each || races) || chance.once_in(2);
    let body = |chance: &mut Chance, around: Around| {
        let count = 1 + chance.below(3);
        Graph::scope(chance, kinds, count, depth + 1, around)
    };
    match chance.below(if depth < 2 { 16 } else { 11 }) {
        0..=3 => Kind::Call {
            tries: u32::try_from(chance.below(3)).unwrap(),
            caught,
        },
        4..=6 => Kind::Compute,
        7 | 8 => Kind::If {
            holds: chance.once_in(2),
        },
        9 if races && sources > 1 => Kind::Any {
            cancel: chance.once_in(2),
        },
        9 | 10 => Kind::Merge,
        11 | 12 => {
            let items = chance.below(6);
            Kind::Each {
                items,
                concurrency: 1 + chance.below(3),
                tolerated: if races { chance.below(3) } else { items },
                body: body(chance, Around::Each),
            }
        }
        13 => Kind::Loop {
            times: u32::try_from(chance.below(4)).unwrap(),
            body: body(chance, inner(around)),
        },
        14 => Kind::While {
            times: u32::try_from(chance.below(4)).unwrap(),
            body: body(chance, inner(around)),
        },
        _ => Kind::Timeout {
            body: body(chance, inner(around)),
        },
    }
}

/// In a body of an item things may fail, in bodies inside of it too.
const fn inner(around: Around) -> Around {
    match around {
        Around::Each => Around::Each,
        _ => Around::Other,
    }
}

impl Kind {
    fn written(&self) -> Value {
        match self {
            Self::Call { tries, caught } => {
                let mut node = json!({
                    "type": "action", "subtype": "http_request",
                    "parameters": {"url": "https://a.example"},
                    "retry": [{"errors": ["States.ALL"], "max_attempts": tries}],
                });
                if *caught {
                    node["catch"] = json!([{"errors": ["States.ALL"]}]);
                }
                node
            }
            Self::Compute => json!({
                "type": "action", "subtype": "data_transformation",
                "parameters": {"expression": "{\"of\": $input}"},
            }),
            Self::If { holds } => json!({
                "type": "flow", "subtype": "if", "parameters": {"condition": holds.to_string()},
            }),
            Self::Merge => json!({"type": "flow", "subtype": "merge"}),
            Self::Any { cancel } => json!({
                "type": "flow", "subtype": "merge",
                "parameters": {"wait_for": "any", "others": if *cancel { "cancel" } else { "keep" }},
            }),
            Self::Each {
                items,
                concurrency,
                tolerated,
                body,
            } => {
                let list: Vec<usize> = (0..*items).collect();
                json!({
                    "type": "flow", "subtype": "for_each", "body": body.written(),
                    "parameters": {
                        "items": serde_json::to_string(&list).unwrap(),
                        "concurrency": concurrency, "tolerated_failures": tolerated,
                    },
                })
            }
            Self::Loop { times, body } => json!({
                "type": "flow", "subtype": "loop", "parameters": {"times": times}, "body": body.written(),
            }),
            Self::While { times, body } => json!({
                "type": "flow", "subtype": "while", "body": body.written(),
                "parameters": {"condition": format!("$iteration < {times}")},
            }),
            Self::Timeout { body } => {
                json!({"type": "flow", "subtype": "timeout", "body": body.written()})
            }
        }
    }
}
