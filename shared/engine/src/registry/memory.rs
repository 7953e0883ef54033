//! What an agent remembers: loaded before it is asked, kept after it has answered. It is attached to an agent.

use super::{Capability, Execution, NodeKind, NodeType, Parameter, ParameterType};

const fn memory(subtype: &'static str, meaning: &'static str) -> NodeKind {
    NodeKind::new(NodeType::Memory, subtype, Execution::Attached, meaning)
}

const KEY: Parameter = Parameter::template(
    "key",
    "Whose memory it is; the same key is the same memory.",
)
.needed();

const FOUND: &[Parameter] = &[
    KEY,
    Parameter::new(
        "similarity",
        ParameterType::Float,
        "How near what is found has to be.",
    )
    .between(0, 1)
    .or("0.7"),
    Parameter::integer("top", "How many are found at most.")
        .between(1, 100)
        .or("5"),
];

pub(super) const KINDS: &[NodeKind] = &[
    memory("key_value_store", "Values by name.")
        .needs(&Capability::MEMORY)
        .with(&[
            KEY,
            Parameter::integer("max_keys", "The most names.")
                .between(1, 10_000)
                .or("1000"),
        ]),
    memory("conversation_buffer", "The last messages.")
        .needs(&Capability::MEMORY)
        .with(&[
            KEY,
            Parameter::integer("messages", "How many.")
                .between(1, 1000)
                .or("50"),
        ]),
    memory("document_store", "Documents by name.")
        .needs(&Capability::MEMORY)
        .with(&[KEY]),
    memory("vector_database", "Found by meaning.")
        .needs(&Capability::KNOWLEDGE)
        .with(FOUND),
    memory("entity_memory", "What is known of people and things.")
        .needs(&Capability::KNOWLEDGE)
        .with(FOUND),
    memory("episodic_memory", "What has happened before.")
        .needs(&Capability::KNOWLEDGE)
        .with(FOUND),
    memory("knowledge_base", "What was written down.")
        .needs(&Capability::KNOWLEDGE)
        .with(FOUND),
    memory("graph_memory", "How things belong together.")
        .needs(&Capability::KNOWLEDGE)
        .with(FOUND),
    memory("conversation_summary", "A summary of what was said.").refused(
        "a summary of a conversation is made by a model that nobody asked for",
        "use conversation_buffer, and an agent that sums up",
    ),
];
