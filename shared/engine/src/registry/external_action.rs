//! What is done at one provider.

use super::{Capability, Execution, NodeKind, NodeType, Parameter, ParameterType};

const fn at(subtype: &'static str, meaning: &'static str) -> NodeKind {
    NodeKind::new(NodeType::ExternalAction, subtype, Execution::Call, meaning)
}

const fn not_here(subtype: &'static str, meaning: &'static str) -> NodeKind {
    at(subtype, meaning).refused(
        "there is no client for this provider, and a pretended one would be worse than none",
        "use http_request with the provider's API",
    )
}

/// What is asked of a provider: an operation by its name, with what it takes.
const OPERATION: &[Parameter] = &[
    Parameter::text(
        "operation",
        "What is to be done, by the provider's name for it.",
    )
    .needed(),
    Parameter::new("arguments", ParameterType::Json, "What it takes.").or("{}"),
];

const MESSAGE: &[Parameter] = &[
    Parameter::text("channel", "Where it is said.").needed(),
    Parameter::template(
        "text",
        "What is said; values are shown as text and do nothing.",
    )
    .needed(),
];

const GITHUB: &[Parameter] = &[
    Parameter::choice(
        "operation",
        &[
            "comment",
            "add_label",
            "remove_label",
            "open_issue",
            "close_issue",
            "request_review",
            "dispatch_workflow",
        ],
        "What is to be done.",
    )
    .needed(),
    Parameter::text(
        "repository",
        "Where, as OWNER/NAME; without it, the repository that the run is about.",
    ),
    Parameter::integer(
        "number",
        "Which issue or pull request; without it, the one that the run is about.",
    )
    .between(1, 2_147_483_647),
    Parameter::template(
        "text",
        "The text of a comment or of an issue; values do nothing in it.",
    ),
    Parameter::text("name", "The label, the reviewer or the workflow."),
];

pub(super) const KINDS: &[NodeKind] = &[
    at("github", "Comments, labels, opens or closes on GitHub.")
        .with(GITHUB)
        .needs(&Capability::GITHUB),
    at("slack", "Says something in Slack.")
        .with(MESSAGE)
        .needs(&Capability::SLACK),
    at("jira_action", "Does something in Jira.")
        .with(OPERATION)
        .needs(&Capability::JIRA),
    at("discord_action", "Says something in Discord.")
        .with(MESSAGE)
        .needs(&Capability::DISCORD),
    at("telegram_action", "Says something in Telegram.")
        .with(MESSAGE)
        .needs(&Capability::TELEGRAM),
    at("notion", "Does something in Notion.")
        .with(OPERATION)
        .needs(&Capability::NOTION),
    at("google_calendar", "Does something in Google Calendar.")
        .with(OPERATION)
        .needs(&Capability::GOOGLE_CALENDAR),
    at("firecrawl", "Fetches pages as text.")
        .with(OPERATION)
        .needs(&Capability::FIRECRAWL),
    at("email", "Sends a mail.")
        .needs(&Capability::MAIL)
        .with(&[
            Parameter::new("to", ParameterType::Email, "To whom.").needed(),
            Parameter::template("subject", "Its subject.").needed(),
            Parameter::template("text", "What it says.").needed(),
        ]),
    at("api_call", "Calls an API.").refused(
        "it would be a second node for one thing",
        "use action http_request",
    ),
    at("webhook", "Sends a webhook.").refused(
        "it would be a second node for one thing",
        "use action webhook_call",
    ),
    at("notification", "Tells somebody.").refused(
        "people are told where they asked, from what has happened",
        "use github or slack to say something in another place",
    ),
    not_here("gitlab_action", "Does something at GitLab."),
    not_here("trello", "Does something in Trello."),
    not_here("aws_action", "Does something at AWS."),
    not_here("gcp_action", "Does something at Google Cloud."),
    not_here("azure_action", "Does something at Azure."),
    not_here("postgres_action", "Does something in PostgreSQL."),
    not_here("mysql_action", "Does something in MySQL."),
    not_here("mongodb_action", "Does something in MongoDB."),
];
