//! Where runs begin. Triage matches what arrives against these; the engine hands on what the run was started with.

use super::{Capability, Execution, Inline, NodeKind, NodeType, Parameter, ParameterType};

const fn trigger(subtype: &'static str, meaning: &'static str) -> NodeKind {
    NodeKind::new(
        NodeType::Trigger,
        subtype,
        Execution::Inline(Inline::Trigger),
        meaning,
    )
}

pub(super) const KINDS: &[NodeKind] = &[
    trigger(
        "manual",
        "Somebody starts it, by a command, the API or another run.",
    )
    .needs(&Capability::STARTS),
    trigger("webhook", "A signed request of a custom source.")
        .needs(&Capability::WEBHOOKS)
        .with(&[
            Parameter::text("source", "The custom source whose requests start it.").needed(),
            Parameter::choice(
                "auth",
                &["signature", "header_token"],
                "How the source proves who it is.",
            )
            .or("\"signature\""),
            Parameter::expression("when", "Starts only if this is true of the request's body."),
        ]),
    trigger("cron", "A line of cron, in a time zone.")
        .needs(&Capability::SCHEDULES)
        .with(&[
            Parameter::new(
                "cron",
                ParameterType::Cron,
                "When: minute, hour, day, month, day of the week.",
            )
            .needed(),
            Parameter::text("time_zone", "An IANA name such as Europe/Berlin.").or("\"UTC\""),
            Parameter::choice(
                "catch_up",
                &["skip", "latest", "all"],
                "What becomes of times that were missed.",
            )
            .or("\"skip\""),
            Parameter::integer(
                "max_missed_runs",
                "How many missed times are caught up at most.",
            )
            .between(0, 100)
            .or("3"),
            Parameter::integer(
                "jitter_seconds",
                "The most seconds that a start is moved, by a hash of the definition.",
            )
            .between(0, 30)
            .or("0"),
        ]),
    trigger("github", "Something happens on GitHub.")
        .needs(&Capability::GITHUB_EVENTS)
        .with(&[
            Parameter::choice(
                "event",
                &[
                    "issue_comment",
                    "issues",
                    "pull_request",
                    "push",
                    "check_suite",
                    "release",
                ],
                "What happens.",
            )
            .needed(),
            Parameter::text("action", "Only this action of the event, such as `opened`."),
            Parameter::text("branch", "Only on this branch."),
            Parameter::text("path", "Only if a changed file lies under this path."),
            Parameter::text("author", "Only if this login did it."),
        ]),
    trigger("slack", "Something is said in Slack.")
        .needs(&Capability::SLACK_EVENTS)
        .with(&[
            Parameter::choice(
                "event",
                &[
                    "message",
                    "app_mention",
                    "reaction_added",
                    "channel_message",
                ],
                "What happens.",
            )
            .needed(),
            Parameter::text("channel", "Only in this channel."),
        ]),
    trigger("email", "A mail arrives.")
        .needs(&Capability::MAIL_EVENTS)
        .with(&[
            Parameter::new(
                "address",
                ParameterType::Email,
                "The address that it is sent to.",
            )
            .needed(),
            Parameter::text("subject_contains", "Only if the subject contains this."),
            Parameter::integer("attachment_bytes", "The largest attachment that is taken.")
                .between(0, 10_485_760)
                .or("10485760"),
        ]),
];
