//! A simple interpreter of random graphs: one node after the other, by recursion, without states and events.

use std::collections::BTreeMap;

use engine::Status;
use serde_json::{Map, Value, json};

use super::{
    chance,
    graph::{Graph, Kind, Node},
};

/// What a call comes to: the same for the same try, whenever it is made.
pub(super) fn succeeds(seed: u64, path: &str, attempt: u32) -> bool {
    !chance::of(seed, &format!("{path}#{attempt}")).is_multiple_of(3)
}

/// What a call gives.
pub(super) fn gives(path: &str, attempt: u32) -> Value {
    json!({"path": path, "attempt": attempt})
}

/// What a failure hands on.
pub(super) const FAILURE: (&str, &str) = ("States.TaskFailed", "by chance");

pub(super) struct Interpreter {
    seed: u64,
}

/// What a graph comes to.
pub(super) struct Outcome {
    pub(super) statuses: BTreeMap<String, Status>,
    pub(super) result: Value,
}

/// A failure that nothing caught.
struct Failed;

/// What one node came to.
struct Came {
    status: Status,
    output: &'static str,
    value: Value,
}

impl Interpreter {
    pub(super) const fn new(seed: u64) -> Self {
        Self { seed }
    }

    pub(super) fn run(&self, graph: &Graph) -> Outcome {
        let (came, result) = self
            .scope(graph, "", &json!({"input": 1}))
            .unwrap_or_else(|Failed| panic!("it fails"));
        let named = graph
            .nodes
            .iter()
            .zip(came)
            .map(|(node, came)| (node.id.clone(), came.status));
        let mut statuses: BTreeMap<String, Status> = named.collect();
        statuses.insert("start".to_owned(), Status::Succeeded);
        Outcome { statuses, result }
    }

    fn scope(
        &self,
        graph: &Graph,
        under: &str,
        entry: &Value,
    ) -> Result<(Vec<Came>, Value), Failed> {
        let mut came: Vec<Came> = Vec::new();
        for node in &graph.nodes {
            let next = match arrivals(graph, node, &came, entry, under.is_empty()) {
                None => Came {
                    status: Status::Skipped,
                    output: "",
                    value: Value::Null,
                },
                Some(arrivals) => self.node(node, under, &arrivals)?,
            };
            came.push(next);
        }
        let result = ends(graph, &came);
        Ok((came, result))
    }

    fn node(&self, node: &Node, under: &str, arrivals: &[(String, Value)]) -> Result<Came, Failed> {
        let input = one_or_all(arrivals);
        let path = format!("{under}{}", node.id);
        let value = match &node.kind {
            Kind::Call { tries, caught } => return self.call(&path, *tries, *caught),
            Kind::Compute => json!({"of": input}),
            Kind::If { holds } => {
                return Ok(Came {
                    status: Status::Succeeded,
                    output: if *holds { "true" } else { "false" },
                    value: input,
                });
            }
            // Where a body begins, there is nothing to gather.
            Kind::Merge | Kind::Any { .. } if arrivals[0].0.is_empty() => input,
            Kind::Merge | Kind::Any { .. } => Value::Object(arrivals.iter().cloned().collect()),
            Kind::Each { items, body, .. } => {
                let results = (0..*items).map(|at| {
                    let result = self.scope(body, &format!("{path}.{at}."), &json!(at));
                    result.map_or(Value::Null, |(_, value)| value)
                });
                Value::Array(results.collect())
            }
            Kind::Loop { times, body } | Kind::While { times, body } => {
                let mut last = Value::Null;
                for at in 0..*times {
                    let entry = json!({"iteration": at, "last": last});
                    last = self.scope(body, &format!("{path}.{at}."), &entry)?.1;
                }
                last
            }
            Kind::Timeout { body } => self.scope(body, &format!("{path}.0."), &input)?.1,
        };
        Ok(Came {
            status: Status::Succeeded,
            output: "result",
            value,
        })
    }

    fn call(&self, path: &str, tries: u32, caught: bool) -> Result<Came, Failed> {
        for attempt in 1..=tries + 1 {
            if succeeds(self.seed, path, attempt) {
                return Ok(Came {
                    status: Status::Succeeded,
                    output: "result",
                    value: gives(path, attempt),
                });
            }
        }
        let (error, cause) = FAILURE;
        caught
            .then(|| Came {
                status: Status::Caught,
                output: "error",
                value: json!({"error": error, "cause": cause}),
            })
            .ok_or(Failed)
    }
}

/// What comes to a node by name; nothing if it is not its turn.
fn arrivals(
    graph: &Graph,
    node: &Node,
    came: &[Came],
    entry: &Value,
    graph_itself: bool,
) -> Option<Vec<(String, Value)>> {
    let mut found = Vec::new();
    let mut begins = false;
    for (from, output, required) in &node.sources {
        match from {
            None if graph_itself => found.push(("start".to_owned(), entry.clone())),
            None => begins = true,
            Some(at) if came[*at].output == *output => {
                found.push((graph.nodes[*at].id.clone(), came[*at].value.clone()));
            }
            Some(_) if *required => return None,
            Some(_) => {}
        }
    }
    if begins {
        return Some(vec![(String::new(), entry.clone())]);
    }
    (!found.is_empty()).then_some(found)
}

fn one_or_all(arrivals: &[(String, Value)]) -> Value {
    match arrivals {
        [(_, value)] => value.clone(),
        all => Value::Object(all.iter().cloned().collect::<Map<_, _>>()),
    }
}

/// The results of the nodes from which nothing led on.
fn ends(graph: &Graph, came: &[Came]) -> Value {
    let leads = |at: usize| {
        let mut all = graph.nodes.iter().flat_map(|node| &node.sources);
        all.any(|(from, output, _)| *from == Some(at) && came[at].output == *output)
    };
    let ends = came
        .iter()
        .enumerate()
        .filter(|(at, came)| came.status != Status::Skipped && !leads(*at));
    let ends: Vec<(String, Value)> = ends
        .map(|(at, came)| (graph.nodes[at].id.clone(), came.value.clone()))
        .collect();
    match ends.as_slice() {
        [] => Value::Null,
        ends => one_or_all(ends),
    }
}
