//! The page about definitions (`docs/definitions.md`): what is written by hand, and the tables made from the registry.

use std::fmt::Write as _;

use crate::registry::{self, NodeKind, NodeType, Parameter, Support};

/// What is written by hand, with a place for the tables.
const PAGE: &str = include_str!("reference/page.md");
/// The place.
const PLACE: &str = "<!-- kinds -->\n";

/// The page about definitions.
pub fn reference() -> String {
    PAGE.replace(PLACE, &kinds())
}

fn kinds() -> String {
    let mut page = String::new();
    for node_type in NodeType::ALL {
        let _ = writeln!(page, "### `{}`\n", node_type.name());
        let _ = writeln!(page, "{}\n", about(node_type));
        let _ = writeln!(
            page,
            "| subtype | what it does | outputs | whether it runs |\n|---|---|---|---|"
        );
        let all = registry::kinds().filter(|kind| kind.node_type() == node_type);
        for kind in all.clone() {
            let _ = writeln!(
                page,
                "| `{}` | {} | {} | {} |",
                kind.subtype(),
                kind.meaning(),
                ports(kind),
                support(kind)
            );
        }
        let _ = writeln!(page);
        for kind in all.filter(|kind| !kind.parameters().is_empty()) {
            parameters(&mut page, kind);
        }
    }
    page.trim_end().to_owned() + "\n"
}

const fn about(node_type: NodeType) -> &'static str {
    match node_type {
        NodeType::Trigger => {
            "Where runs begin. A definition has at least one; a run begins by one of them."
        }
        NodeType::AiAgent => {
            "Agents at work and models asked. Tools and memories are attached to them (`attached_nodes`)."
        }
        NodeType::Action => "What is done in general.",
        NodeType::ExternalAction => "What is done at one provider.",
        NodeType::Flow => "What decides, repeats, gathers and waits.",
        NodeType::Tool => {
            "What an agent may use. Tools are attached to agents and stand in no connection."
        }
        NodeType::Memory => {
            "What an agent remembers. Memories are attached to agents and stand in no connection."
        }
        NodeType::HumanInTheLoop => {
            "What people are asked. Graphs can say where; the questions themselves come with approvals."
        }
    }
}

fn ports(kind: &NodeKind) -> String {
    let ports: Vec<String> = kind
        .ports()
        .iter()
        .map(|port| format!("`{port}`"))
        .collect();
    if ports.is_empty() {
        "none".to_owned()
    } else {
        ports.join(", ")
    }
}

fn support(kind: &NodeKind) -> String {
    match kind.support() {
        Support::Engine => "the engine does it".to_owned(),
        Support::Needs(capability) => format!("needs {} ({})", capability.name, capability.owner),
        Support::Refused { reason, solution } => format!("no: {reason}; {solution}"),
    }
}

fn parameters(page: &mut String, kind: &NodeKind) {
    let (node_type, subtype) = (kind.node_type().name(), kind.subtype());
    let _ = writeln!(page, "`{node_type}` `{subtype}`:\n");
    let _ = writeln!(
        page,
        "| parameter | type | without it | what it is |\n|---|---|---|---|"
    );
    for parameter in kind.parameters() {
        let _ = writeln!(
            page,
            "| `{}` | {} | {} | {} |",
            parameter.name(),
            of(parameter),
            without(parameter),
            parameter.meaning()
        );
    }
    let _ = writeln!(page);
}

fn of(parameter: &Parameter) -> String {
    let mut text = parameter.of().name().to_owned();
    if !parameter.options().is_empty() {
        let options: Vec<String> = parameter
            .options()
            .iter()
            .map(|option| format!("`{option}`"))
            .collect();
        text = options.join(", ");
    }
    if let Some((least, most)) = parameter.range() {
        let _ = match most {
            2_147_483_647 => write!(text, " from {least}"),
            most => write!(text, ", {least} to {most}"),
        };
    }
    text
}

fn without(parameter: &Parameter) -> String {
    match parameter.default_value() {
        _ if parameter.required() => "needed".to_owned(),
        Some(value) => format!("`{value}`"),
        None => "nothing".to_owned(),
    }
}
