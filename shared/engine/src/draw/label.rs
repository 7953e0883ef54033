//! What stands in a picture.

use crate::{plan::NodePlan, registry::Execution, state::Status};

/// How nodes look, by what has become of them.
pub(super) const CLASSES: [(&str, &str); 6] = [
    ("waiting", "fill:#f6f8fa,stroke:#8c959f,color:#57606a"),
    ("working", "fill:#ddf4ff,stroke:#0969da,color:#0a3069"),
    ("done", "fill:#dafbe1,stroke:#1a7f37,color:#044f1e"),
    ("partly", "fill:#fff8c5,stroke:#9a6700,color:#4d2d00"),
    ("failed", "fill:#ffebe9,stroke:#cf222e,color:#82071e"),
    (
        "skipped",
        "fill:#ffffff,stroke:#d0d7de,color:#8c959f,stroke-dasharray:4",
    ),
];

/// How a node looks.
pub(super) const fn status_class(status: Status) -> &'static str {
    match status {
        Status::Pending => "waiting",
        Status::Ready | Status::Active | Status::Delayed | Status::Closing | Status::Iterating => {
            "working"
        }
        Status::Succeeded => "done",
        Status::Incomplete | Status::Unchanged | Status::Caught | Status::Held => "partly",
        Status::Failed => "failed",
        Status::Skipped | Status::Cancelled => "skipped",
    }
}

/// What a node does with its body.
pub(super) const fn meaning(node: &NodePlan) -> &'static str {
    match node.kind.execution() {
        Execution::ForEach => "for each item",
        Execution::While => "while it holds",
        Execution::Loop => "again and again",
        _ => "within its time",
    }
}

/// Words that mean something in the language of pictures.
const RESERVED: [&str; 12] = [
    "call",
    "class",
    "click",
    "default",
    "direction",
    "end",
    "flowchart",
    "graph",
    "href",
    "interpolate",
    "style",
    "subgraph",
];

/// What a node is called in a picture. Names of nodes have no capital letters, so none is called like another one.
pub(super) fn name(under: &str, id: &str) -> String {
    let reserved = under.is_empty() && RESERVED.contains(&id);
    format!(
        "{under}{}",
        if reserved {
            id.to_uppercase()
        } else {
            id.to_owned()
        }
    )
}
