//! The wires, and how each is proved. A proof gives what it found and says in a few words how.

pub(crate) mod again;
pub(crate) mod api;
pub(crate) mod change;
pub(crate) mod doors;
pub(crate) mod job;
pub(crate) mod lost;
pub(crate) mod poison;
pub(crate) mod removal;
pub(crate) mod rights;
pub(crate) mod schedule;

/// What is not proved here, and why.
pub(crate) const UNPROVEN: [(&str, &str); 12] = [
    (
        "IAM as AWS decides",
        "policies are judged by the emulator's own engine",
    ),
    (
        "ssm:GetParameters, by name",
        "asked about without names there, so each function's role got it for all",
    ),
    (
        "trust in the daemon's role",
        "taken on by the owner here, as there is no Fargate",
    ),
    (
        "daemon on Fargate",
        "a process here; deployed with DaemonImage empty",
    ),
    (
        "host names of URLs and the HTTP API",
        "reached by the emulator's path for them",
    ),
    (
        "HTTP API: permission, access log",
        "the emulator asks for none and writes none",
    ),
    (
        "KMS key of your own",
        "the settings were stored with the account's own key",
    ),
    (
        "Bulkheads, throttling",
        "nothing here refuses because of load",
    ),
    (
        "TTL",
        "the emulator does not apply the table's from the template",
    ),
    (
        "alarms, dashboard",
        "not made: the emulator knows no alarms on expressions",
    ),
    (
        "backups, encryption at rest",
        "nothing here stores bytes as AWS does",
    ),
    (
        "the other processor",
        "functions were built for this machine's own",
    ),
];
