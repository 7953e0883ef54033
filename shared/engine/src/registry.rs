//! Every kind of node: what it is told, where it leads, who does it, and whether that is there.

mod action;
mod ai_agent;
mod capabilities;
mod capability;
mod cron;
mod external_action;
mod flow;
mod human;
mod kind;
mod memory;
mod parameter;
mod tool;
mod trigger;

pub use capabilities::Capabilities;
pub use capability::Capability;
pub use kind::{Execution, Inline, NodeKind, NodeType, Support, Timeout};
pub use parameter::{Parameter, ParameterType};

/// The kinds by type, in the order in which they are told.
const TABLES: [&[NodeKind]; 8] = [
    trigger::KINDS,
    ai_agent::KINDS,
    action::KINDS,
    external_action::KINDS,
    flow::KINDS,
    tool::KINDS,
    memory::KINDS,
    human::KINDS,
];

/// Every kind of node.
pub fn kinds() -> impl Clone + Iterator<Item = &'static NodeKind> {
    TABLES.into_iter().flatten()
}

/// The kind of a type and a subtype.
pub fn kind(node_type: NodeType, subtype: &str) -> Option<&'static NodeKind> {
    kinds().find(|kind| kind.node_type() == node_type && kind.subtype() == subtype)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    #[test]
    fn every_kind_is_told_once_and_makes_sense() {
        let mut known = BTreeSet::new();
        for kind in kinds() {
            let name = format!("{:?} {}", kind.node_type(), kind.subtype());
            assert!(known.insert(name.clone()), "{name} is there twice");
            let ports: BTreeSet<_> = kind.ports().iter().collect();
            assert_eq!(ports.len(), kind.ports().len(), "{name}");
            let attached = matches!(kind.execution(), Execution::Attached);
            assert_eq!(kind.ports().is_empty(), attached, "{name}");
            for parameter in kind.parameters() {
                let default = parameter.default_value();
                let wrong = default.as_ref().and_then(|value| parameter.wrong(value));
                assert_eq!(wrong, None, "{name}: {}", parameter.name());
                assert!(
                    default.is_none() || !parameter.required(),
                    "{name}: {} is needed and has a default",
                    parameter.name()
                );
            }
        }
    }

    #[test]
    fn the_subtypes_that_people_know_are_all_there() {
        let count = |wanted: NodeType| kinds().filter(|kind| kind.node_type() == wanted).count();
        let counts = [
            (NodeType::Trigger, 6),
            (NodeType::AiAgent, 5),
            (NodeType::Action, 13),
            (NodeType::ExternalAction, 20),
            (NodeType::Flow, 13),
            (NodeType::Tool, 15),
            (NodeType::Memory, 9),
            (NodeType::HumanInTheLoop, 9),
        ];
        for (node_type, expected) in counts {
            assert_eq!(count(node_type), expected, "{node_type:?}");
        }
    }

    #[test]
    fn what_is_not_there_says_why_and_what_to_do() {
        let none = Capabilities::none();
        let mut refused = 0;
        for kind in kinds() {
            let Some((reason, solution)) = none.refuses(kind) else {
                continue;
            };
            refused += 1;
            assert!(!reason.is_empty() && !solution.is_empty(), "{kind:?}");
        }
        assert!(refused > 60, "{refused}");
    }

    #[test]
    fn values_are_checked_against_their_types() {
        let wrong = |parameter: Parameter, value: Value| parameter.wrong(&value).is_some();
        let seconds = Parameter::integer("seconds", "").between(1, 10);
        assert!(!wrong(seconds, 3.into()) && wrong(seconds, 0.into()));
        assert!(wrong(seconds, 1.5.into()) && wrong(seconds, "3".into()));
        let method = Parameter::choice("method", &["GET", "PUT"], "");
        assert!(!wrong(method, "GET".into()) && wrong(method, "get".into()));
        let url = Parameter::new("url", ParameterType::Url, "");
        assert!(!wrong(url, "https://example.com/a".into()));
        for bad in ["example.com", "ftp://example.com", "http://", "file:///a"] {
            assert!(wrong(url, bad.into()), "{bad}");
        }
        let email = Parameter::new("to", ParameterType::Email, "");
        assert!(!wrong(email, "a@example.com".into()) && wrong(email, "a@b@c".into()));
        let cron = Parameter::new("cron", ParameterType::Cron, "");
        assert!(!wrong(cron, "0 3 * * 1-5".into()) && !wrong(cron, "*/5 * * * *".into()));
        for bad in [
            "0 3 * *",
            "60 3 * * *",
            "0 3 * * 8",
            "a b c d e",
            "* * * * * *",
        ] {
            assert!(wrong(cron, bad.into()), "{bad}");
        }
        let secret = Parameter::new("token", ParameterType::Secret, "");
        assert!(!wrong(secret, "NOTION_TOKEN".into()));
        assert!(wrong(secret, "sk-abc-123".into()));
    }
}
