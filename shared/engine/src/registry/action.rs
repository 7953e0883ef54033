//! What is done in general.

use super::{Capability, Execution, Inline, NodeKind, NodeType, Parameter, ParameterType};

const fn action(subtype: &'static str, execution: Execution, meaning: &'static str) -> NodeKind {
    NodeKind::new(NodeType::Action, subtype, execution, meaning)
}

const NO_DATABASE: &str = "credentials of a database are not handed to runs";
const BY_REQUEST: &str =
    "use http_request with the database's own API, or run_code where the database can be reached";

pub(super) const KINDS: &[NodeKind] = &[
    action(
        "http_request",
        Execution::Call,
        "Makes one request to an address outside.",
    )
    .needs(&Capability::HTTP)
    .with(&[
        Parameter::new("url", ParameterType::Url, "Where to.").needed(),
        Parameter::choice(
            "method",
            &["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"],
            "How.",
        )
        .or("\"GET\""),
        Parameter::new(
            "headers",
            ParameterType::Json,
            "Header lines by name; no credentials.",
        )
        .or("{}"),
        Parameter::new("body", ParameterType::Json, "What is sent, as JSON."),
        Parameter::new(
            "bearer",
            ParameterType::Secret,
            "The secret that is sent as bearer token.",
        ),
        Parameter::new(
            "fail_on_status",
            ParameterType::Boolean,
            "Whether a status from 400 on is a failure.",
        )
        .or("true"),
        Parameter::choice(
            "repeat",
            &["idempotency_key", "at_most_once"],
            "What a repeated request does.",
        )
        .or("\"idempotency_key\""),
    ]),
    action(
        "webhook_call",
        Execution::Call,
        "Sends a signed webhook to the outside.",
    )
    .needs(&Capability::OUTBOUND)
    .with(&[
        Parameter::new("url", ParameterType::Url, "Where to.").needed(),
        Parameter::new("body", ParameterType::Json, "What is sent.").needed(),
        Parameter::new("secret", ParameterType::Secret, "What it is signed with.").needed(),
    ]),
    action(
        "data_transformation",
        Execution::Inline(Inline::Transform),
        "Computes a value from its input.",
    )
    .with(&[Parameter::expression("expression", "What its output is.").needed()]),
    action(
        "data_validation",
        Execution::Inline(Inline::Validate),
        "Checks its input; it hands on what fits.",
    )
    .leads(&["result", "invalid"])
    .with(&[Parameter::new(
        "schema",
        ParameterType::Schema,
        "What the input has to look like.",
    )
    .needed()]),
    action(
        "data_formatting",
        Execution::Inline(Inline::Format),
        "Fills in a text with values of its input.",
    )
    .with(&[Parameter::template("template", "The text; its output is `{text}`.").needed()]),
    action(
        "run_code",
        Execution::Job,
        "Runs a program in a daemon's sandbox, on a fresh clone.",
    )
    .needs(&Capability::JOBS)
    .with(&[
        Parameter::new(
            "command",
            ParameterType::Json,
            "The program and its arguments, as a list of texts.",
        )
        .needed(),
        Parameter::text(
            "repository",
            "Where it runs, as OWNER/NAME; without it, the run's.",
        ),
        Parameter::text(
            "revision",
            "At which commit or branch; without it, the run's.",
        ),
        Parameter::new(
            "input",
            ParameterType::Json,
            "What it finds as JSON in its environment.",
        ),
    ]),
    action("execute_script", Execution::Job, "Runs a script.").refused(
        "a script of its own would be a second way to run programs",
        "use run_code with the script's program",
    ),
    action(
        "file_operation",
        Execution::Call,
        "Copies, moves, lists or removes stored files.",
    )
    .needs(&Capability::FILES)
    .with(&[
        Parameter::choice("operation", &["copy", "move", "list", "remove"], "What.").needed(),
        Parameter::new(
            "file",
            ParameterType::File,
            "The file, or the beginning of names for `list`.",
        )
        .needed(),
        Parameter::new("to", ParameterType::File, "Where to."),
    ]),
    action("file_upload", Execution::Call, "Stores a value as a file.")
        .needs(&Capability::FILES)
        .with(&[
            Parameter::new("file", ParameterType::File, "Under which key.").needed(),
            Parameter::expression("content", "What is stored.").needed(),
        ]),
    action("file_download", Execution::Call, "Reads a stored file.")
        .needs(&Capability::FILES)
        .with(&[Parameter::new("file", ParameterType::File, "Which one.").needed()]),
    action("database_query", Execution::Call, "Asks a database.").refused(NO_DATABASE, BY_REQUEST),
    action("database_operation", Execution::Call, "Changes a database.")
        .refused(NO_DATABASE, BY_REQUEST),
    action("web_search", Execution::Call, "Searches the web.")
        .needs(&Capability::SEARCH)
        .with(&[
            Parameter::template("query", "What for.").needed(),
            Parameter::integer("count", "The most results.")
                .between(1, 50)
                .or("10"),
        ]),
];
