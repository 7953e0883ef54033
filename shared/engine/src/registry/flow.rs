//! What decides, repeats, gathers and waits.

use super::{Capability, Execution, Inline, NodeKind, NodeType, Parameter, ParameterType};

const fn flow(subtype: &'static str, execution: Execution, meaning: &'static str) -> NodeKind {
    NodeKind::new(NodeType::Flow, subtype, execution, meaning)
}

const ITEMS: Parameter = Parameter::expression(
    "items",
    "The list; without it, the input, which has to be one.",
);

pub(super) const KINDS: &[NodeKind] = &[
    flow("if", Execution::Inline(Inline::If), "Leads by `true` or `false`; its output is its input.")
        .leads(&["true", "false"])
        .with(&[Parameter::expression("condition", "What decides; it has to be true or false.").needed()]),
    flow("switch", Execution::Inline(Inline::Switch), "Leads by the first case that holds; its output is its input.")
        .leads(&["default"])
        .with(&[
            Parameter::new("cases", ParameterType::Cases, "A list of `{output, when}`, looked at in order.").needed(),
        ]),
    flow("merge", Execution::Inline(Inline::Merge), "Gathers what several lead to it.").with(&[
        Parameter::choice("wait_for", &["all", "any"], "Whether it goes on with the first or when all are decided.")
            .or("\"all\"").fixed(),
        Parameter::choice("others", &["keep", "cancel"], "With `any`: what becomes of what leads only here.")
            .or("\"keep\"").fixed(),
        Parameter::choice(
            "how",
            &["by_node", "concatenate", "union"],
            "An object by node, one list of all, or one object of all in the order of the nodes' names.",
        )
        .or("\"by_node\""),
    ]),
    flow("split", Execution::Inline(Inline::Split), "Cuts a list into lists.").with(&[
        ITEMS,
        Parameter::integer("size", "The most items of each.").between(1, 10_000).needed(),
    ]),
    flow("filter", Execution::Inline(Inline::Filter), "Keeps items of a list.").with(&[
        ITEMS,
        Parameter::expression("condition", "True of what it looks for; `$item` and `$index` say which.").needed(),
        Parameter::choice(
            "mode",
            &["include", "exclude", "partition"],
            "Keeps those, keeps the others, or hands on `{kept, rest}`.",
        )
        .or("\"include\""),
    ]),
    flow("sort", Execution::Inline(Inline::Sort), "Puts a list in order; equals stay as they are.").with(&[
        ITEMS,
        Parameter::expression("by", "What it goes by: a number or a text of `$item`.").needed(),
        Parameter::choice("order", &["ascending", "descending"], "Which way.").or("\"ascending\""),
    ]),
    flow("for_each", Execution::ForEach, "Runs its body for each item of a list; its output is the list of results.")
        .with(&[
            ITEMS,
            Parameter::integer("concurrency", "The most at once.").between(1, 100).or("10").fixed(),
            Parameter::integer("tolerated_failures", "How many may fail before it fails; none without a word, if no percentage is said.")
                .between(0, 10_000)
                .fixed(),
            Parameter::integer("tolerated_failures_percent", "How many of a hundred may fail before it fails.")
                .between(0, 100)
                .fixed(),
            Parameter::integer("enough", "How many have to succeed for it to be done; the others are ended.")
                .between(1, 10_000)
                .fixed(),
        ]),
    flow("loop", Execution::Loop, "Runs its body a number of times; its output is the last result.").with(&[
        Parameter::integer("times", "How often.").between(0, 10_000).needed(),
    ]),
    flow("while", Execution::While, "Runs its body as long as something holds; its output is the last result.")
        .with(&[
            Parameter::expression("condition", "Looked at before each time; `$last` and `$iteration` tell.").needed(),
            Parameter::integer("max_iterations", "It fails if it would go on for longer.").between(1, 10_000).or("100").fixed(),
        ]),
    flow("timeout", Execution::Timeout, "Runs its body within `timeout_seconds`, or fails with States.Timeout.")
        .needs(&Capability::WAITS),
    flow("delay", Execution::Timer, "Goes on after some time; its output is its input.")
        .needs(&Capability::WAITS)
        .with(&[Parameter::integer("seconds", "How long.").between(1, 2_592_000).or("5")]),
    flow("wait", Execution::Reply, "Waits for an event, and goes on with it; by `timeout` if none comes in time.")
        .leads(&["result", "timeout"])
        .needs(&Capability::WAITS)
        .with(&[
            Parameter::choice(
                "for",
                &["event", "checks", "pull_request_merged", "reply"],
                "What for: a named event, the checks of a commit, a merge, or an answer where the run was asked for.",
            )
            .needed(),
            Parameter::template("key", "Which one: the event's name, or the commit or pull request.").needed(),
        ]),
    flow("sub_run", Execution::Child, "Starts a run of another definition and waits for its end.")
        .leads(&["result", "incomplete", "unchanged"])
        .needs(&Capability::CHILDREN)
        .with(&[
            Parameter::new("definition", ParameterType::Definition, "Which definition.").needed(),
            Parameter::integer("version", "Which version; without it, the newest.").between(1, 2_147_483_647),
            Parameter::new("input", ParameterType::Json, "What it is given; without it, the input."),
            Parameter::text("repository", "About which repository, as OWNER/NAME; without it, the run's."),
        ]),
];
