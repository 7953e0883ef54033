//! Agents at work, and models asked.

use super::{Capability, Execution, NodeKind, NodeType, Parameter, ParameterType};

/// What is said in our own words stands in `prompt`, which no value from outside reaches; what people wrote goes into
/// `message`, the half that an agent is told not to obey.
const PROMPT: Parameter = Parameter::text(
    "prompt",
    "What is to be done, in the definition's own words. No value is filled in here.",
)
.needed()
.fixed();
const MESSAGE: Parameter = Parameter::template(
    "message",
    "What it is about: a template for data. The agent is told that it is information, not instruction.",
);
const OUTPUT: Parameter = Parameter::new(
    "output_schema",
    ParameterType::Schema,
    "What the answer has to look like; it fails otherwise.",
);
const BUDGET: Parameter = Parameter::new(
    "budget_usd",
    ParameterType::Float,
    "The most that it may cost, in US dollars.",
)
.between(0, 1000);

const CODING: &[Parameter] = &[
    PROMPT,
    MESSAGE,
    Parameter::choice(
        "access",
        &["read", "write"],
        "What it may do in the repository.",
    )
    .or("\"read\"")
    .fixed(),
    Parameter::choice("tools", &["read", "write"], "Which tools the agent gets.")
        .or("\"read\"")
        .fixed(),
    Parameter::choice(
        "deliverable",
        &["findings", "pull_request"],
        "What it delivers.",
    )
    .or("\"findings\"")
    .fixed(),
    Parameter::text(
        "repository",
        "Where it works, as OWNER/NAME; without it, the repository that the run is about.",
    ),
    Parameter::text(
        "revision",
        "At which commit or branch; without it, the run's.",
    ),
    Parameter::choice(
        "harness",
        &["claude-code", "command"],
        "Which agent program; without it, the deployment's.",
    ),
    Parameter::text("model", "Which model; without it, the deployment's."),
    Parameter::integer("max_turns", "The most turns that the agent may take.")
        .between(1, 1000)
        .or("200"),
    BUDGET,
    OUTPUT,
];

const MODEL: &[Parameter] = &[
    PROMPT,
    MESSAGE,
    Parameter::text("model", "Which model, by the provider's name for it.").needed(),
    Parameter::integer("max_tokens", "The most tokens of the answer.")
        .between(1, 200_000)
        .or("4096"),
    Parameter::new(
        "temperature",
        ParameterType::Float,
        "How far it may stray from the likeliest words.",
    )
    .between(0, 2),
    Parameter::integer("max_turns", "The most times that it may use tools.")
        .between(1, 50)
        .or("5"),
    BUDGET,
    OUTPUT,
];

const fn model(subtype: &'static str, meaning: &'static str) -> NodeKind {
    NodeKind::new(NodeType::AiAgent, subtype, Execution::Call, meaning)
        .with(MODEL)
        .needs(&Capability::MODELS)
}

pub(super) const KINDS: &[NodeKind] = &[
    NodeKind::new(
        NodeType::AiAgent,
        "coding_agent",
        Execution::Job,
        "A coding agent works on a fresh clone; its change is checked and proposed, or it answers.",
    )
    .with(CODING)
    .leads(&["result", "incomplete", "unchanged"])
    .needs(&Capability::JOBS),
    model("anthropic_claude", "Asks a model in Anthropic's format."),
    model("openai_chatgpt", "Asks a model in OpenAI's format."),
    model("google_gemini", "Asks a model in Gemini's format."),
    model("aws_bedrock", "Asks a model of Amazon Bedrock."),
];
