//! What people are asked. The place of these nodes in a graph is fixed; the questions come with approvals.

use super::{Capability, Execution, NodeKind, NodeType, Parameter, ParameterType};

const PORTS: &[&str] = &["confirmed", "rejected", "unrelated", "timeout"];

const fn question(subtype: &'static str, meaning: &'static str) -> NodeKind {
    NodeKind::new(NodeType::HumanInTheLoop, subtype, Execution::Reply, meaning)
        .leads(PORTS)
        .needs(&Capability::APPROVALS)
        .with(QUESTION)
}

const QUESTION: &[Parameter] = &[
    Parameter::template("title", "What is asked, in one line.").needed(),
    Parameter::template(
        "body",
        "What is shown; the decision is bound to exactly this.",
    ),
    Parameter::choice(
        "interaction",
        &["approval", "input", "selection", "review"],
        "What is wanted.",
    )
    .or("\"approval\""),
    Parameter::text(
        "channel",
        "Where it is asked; without it, where the run was asked for.",
    ),
    Parameter::choice(
        "priority",
        &["low", "normal", "high", "critical"],
        "How urgent it is.",
    )
    .or("\"normal\""),
    Parameter::new("form", ParameterType::Schema, "What is filled in."),
];

pub(super) const KINDS: &[NodeKind] = &[
    question("in_app_approval", "Asks in Switchyard itself."),
    question("form_submission", "Asks for a form to be filled in."),
    question("manual_review", "Asks for a look at what was made."),
    question("slack_interaction", "Asks in Slack."),
    question("gmail_interaction", "Asks by Gmail."),
    question("outlook_interaction", "Asks by Outlook."),
    question("discord_interaction", "Asks in Discord."),
    question("telegram_interaction", "Asks in Telegram."),
    question("teams_interaction", "Asks in Teams.").refused(
        "there is no client for Teams",
        "ask in Slack, or in Switchyard itself",
    ),
];
