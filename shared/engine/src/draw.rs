//! Graphs as pictures, in Mermaid's language.

mod label;

use std::fmt::Write as _;

use crate::{
    path::{Iteration, Path},
    plan::{NodePlan, Plan, ScopePlan},
    registry::{Execution, NodeType},
    state::{Inside, Phase, Repeat, Scope, State, Status},
};

use label::{CLASSES, meaning, name as name_of, status_class};

/// A picture of a definition; with a state, of what a run of it has come to.
pub fn draw(plan: &Plan, state: Option<&State>) -> String {
    let mut picture = Picture {
        lines: vec!["flowchart TD".to_owned()],
        classes: Vec::new(),
    };
    picture.scope(&plan.root, state.map(|state| &state.root), "", 1);
    picture.classes(state.is_some());
    picture.lines.join("\n") + "\n"
}

struct Picture {
    lines: Vec<String>,
    /// Which class each drawn node has.
    classes: Vec<(String, &'static str)>,
}

impl Picture {
    fn line(&mut self, depth: usize, line: &str) {
        self.lines.push(format!("{}{line}", "    ".repeat(depth)));
    }

    fn scope(&mut self, plan: &ScopePlan, scope: Option<&Scope>, under: &str, depth: usize) {
        for (at, node) in plan.nodes.iter().enumerate() {
            self.node(node, scope, at, under, depth);
        }
        for node in &plan.nodes {
            self.connections(plan, node, under, depth);
        }
    }

    fn node(
        &mut self,
        node: &NodePlan,
        scope: Option<&Scope>,
        at: usize,
        under: &str,
        depth: usize,
    ) {
        let name = name_of(under, &node.id);
        let status = scope.map(|scope| scope.statuses[at]);
        let label = label_of(node, scope, at);
        let (open, close) = match (node.kind.node_type(), node.kind.execution()) {
            (NodeType::Trigger, _) => ("([", "])"),
            (
                _,
                Execution::Inline(crate::registry::Inline::If | crate::registry::Inline::Switch),
            ) => ("{", "}"),
            (_, Execution::Timer | Execution::Reply) => ("[/", "/]"),
            (_, Execution::Child) => ("[[", "]]"),
            _ => ("[", "]"),
        };
        self.line(depth, &format!("{name}{open}\"{label}\"{close}"));
        if let Some(status) = status {
            self.classes.push((name.clone(), status_class(status)));
        }
        if let Some(body) = &node.body {
            self.line(
                depth,
                &format!("subgraph {name}__body [\"{}\"]", meaning(node)),
            );
            let inside = scope.and_then(|scope| shown_body(scope, at));
            self.scope(body, inside, &format!("{name}__"), depth + 1);
            self.line(depth, "end");
            self.line(depth, &format!("{name} -.-> {name}__body"));
        }
        for one in &node.attached {
            let attached = format!("{name}__{}", one.id);
            let label = format!(
                "{}<br/>{} {}",
                one.id,
                one.kind.node_type().name(),
                one.kind.subtype()
            );
            self.line(depth, &format!("{attached}[(\"{label}\")]"));
            self.line(depth, &format!("{attached} -.- {name}"));
        }
    }

    fn connections(&mut self, plan: &ScopePlan, node: &NodePlan, under: &str, depth: usize) {
        for (from, port) in node.sources(plan) {
            let (from, to) = (&plan.nodes[from], &node.id);
            let first = from.ports.first().is_some_and(|first| first == port);
            let decides = from.ports.len() > 1 && from.kind.ports().len() > 1;
            let arrow = if first && !decides {
                "-->".to_owned()
            } else {
                format!("-- {port} -->")
            };
            let (from, to) = (name_of(under, &from.id), name_of(under, to));
            self.line(depth, &format!("{from} {arrow} {to}"));
        }
    }

    fn classes(&mut self, with_state: bool) {
        if !with_state {
            return;
        }
        for (class, colours) in CLASSES {
            let members = self.classes.iter().filter(|(_, own)| *own == class);
            let members: Vec<&str> = members.map(|(name, _)| name.as_str()).collect();
            if !members.is_empty() {
                let members = members.join(",");
                self.lines.push(format!("    classDef {class} {colours}"));
                self.lines.push(format!("    class {members} {class}"));
            }
        }
    }
}

fn label_of(node: &NodePlan, scope: Option<&Scope>, at: usize) -> String {
    let kind = node.kind;
    let mut label = format!(
        "{}<br/>{} {}",
        node.id,
        kind.node_type().name(),
        kind.subtype()
    );
    if let Some(scope) = scope {
        let attempt = scope.attempt(at);
        if attempt > 1 {
            let _ = write!(label, "<br/>try {attempt}");
        }
        if let Some(inside) = scope.inside(at) {
            let _ = write!(label, "<br/>{}", progress(inside));
        }
    }
    label
}

/// The time of a body that is shown: the first one at work.
fn shown_body(scope: &Scope, at: usize) -> Option<&Scope> {
    match scope.inside(at)? {
        Inside::Each(each) => each.active.values().next(),
        Inside::Repeat(Repeat {
            phase: Phase::Body(body),
            ..
        }) => Some(body),
        Inside::Repeat(_) => None,
        Inside::Within(within) => Some(&within.body),
    }
}

fn progress(inside: &Inside) -> String {
    match inside {
        Inside::Each(each) => {
            let (done, failed, total) = (each.done.count(), each.failed.count(), each.total);
            format!(
                "{done} of {total} done, {} at work, {failed} failed",
                each.active.len()
            )
        }
        Inside::Repeat(repeat) => format!("time {}", repeat.iteration + 1),
        Inside::Within(_) => "within its time".to_owned(),
    }
}

/// Each node of a state with its status, inside of bodies at work too.
pub fn statuses(plan: &Plan, state: &State) -> Vec<(Path, Status)> {
    let mut found = Vec::new();
    let mut show = |plan: &ScopePlan, scope: &Scope, around: &[Iteration]| {
        for (node, status) in plan.nodes.iter().zip(&scope.statuses) {
            found.push((Path::new(around, &node.id), *status));
        }
    };
    crate::walk::each_body(&plan.root, &state.root, &mut Vec::new(), &mut show);
    found
}
