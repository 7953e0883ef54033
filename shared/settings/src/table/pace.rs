//! How often and how long.

use std::time::Duration;

use domain::StepAttempt;

use crate::{
    Declaration, Local,
    Program::{LocalStack, Relay, Scheduler, Worker},
    Setting,
    form::Unit::{Milliseconds, Minutes, Seconds},
    setting::time,
};

/// No interval is longer.
const DAY: u64 = 86_400;
/// Where clocks are moved, they may be this far apart.
const YEAR: u64 = 366 * DAY;

declare! {
    /// How long a daemon waits at least between two sendings of progress, each of which is a write.
    SWITCHYARD_EVENTS_MILLIS: Duration = time(Milliseconds, 0, Some(DAY * 1_000))
        .read_by(&[Worker, LocalStack])
        .otherwise("10000")
        .locally(Local::Default("300"));

    /// How long a daemon waits between two heartbeats. Three fit into a lease.
    SWITCHYARD_HEARTBEAT_SECONDS: Duration =
        time(Seconds, 1, Some(StepAttempt::HEARTBEAT.as_secs().unsigned_abs()))
        .read_by(&[Worker, LocalStack])
        .otherwise("40")
        .locally(Local::Default("5"));

    /// How far a daemon's clock may be from the platform's.
    SWITCHYARD_CLOCK_SECONDS: Duration = time(Seconds, 0, Some(YEAR))
        .read_by(&[Worker])
        .otherwise("300");

    /// The time for GitHub within one call of a daemon's.
    SWITCHYARD_GITHUB_MILLIS: Duration = time(Milliseconds, 1, Some(DAY * 1_000))
        .read_by(&[Worker])
        .otherwise("8000");

    /// The time between two edits of a comment for progress alone. GitHub takes 80 a minute of an installation.
    SWITCHYARD_EDIT_MILLIS: Duration = time(Milliseconds, 0, Some(DAY * 1_000))
        .read_by(&[Relay, LocalStack])
        .otherwise("5000")
        .locally(Local::Default("700"));

    /// The time between two looks for deliveries that GitHub could not bring.
    SWITCHYARD_REPAIR_MINUTES: Duration = time(Minutes, 1, Some(DAY / 60))
        .read_by(&[Scheduler])
        .otherwise("5");
}
