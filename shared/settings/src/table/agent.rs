//! The daemon and the agent that it runs.

use std::{path::PathBuf, time::Duration};

use domain::DaemonId;
use url::Url;

use crate::{
    Declaration, Local,
    Program::Daemon,
    Setting,
    form::Unit::Seconds,
    setting::{choice, count, parsed, path, text, time, url},
};

/// No job's deadline is further away than this.
const DAY: u64 = 86_400;
/// What a command looks like; no shell reads it.
const COMMAND: &str = "a program and its arguments, as words or as a JSON array";

declare! {
    /// The worker function, without `/worker/v1`.
    SWITCHYARD_WORKER_URL: Url = url()
        .read_by(&[Daemon])
        .locally(Local::Sets)
        .solve("Set it to the address of the worker function.");

    /// Which agent is run: Claude Code, or the program that `SWITCHYARD_COMMAND` names.
    SWITCHYARD_HARNESS: &'static str = choice(&["claude-code", "command"])
        .read_by(&[Daemon])
        .otherwise("claude-code")
        .solve("Set it to claude-code or command.");

    /// The agent where the harness is `command`.
    SWITCHYARD_COMMAND: String = text(COMMAND)
        .read_by(&[Daemon])
        .without("needed with the harness `command`")
        .solve("Set it to the program and its arguments, as words or as a JSON array.");

    /// Checks a change in the checkout. A failure leaves a marked draft.
    SWITCHYARD_CHECK_COMMAND: String = text(COMMAND)
        .read_by(&[Daemon])
        .without("nothing is checked")
        .solve("Set it to the program and its arguments, as words or as a JSON array, or leave it out.");

    /// How long an agent may run.
    SWITCHYARD_AGENT_SECONDS: Duration = time(Seconds, 1, Some(DAY))
        .read_by(&[Daemon])
        .otherwise("1800");

    /// How long agent and model may be silent; an agent of `command` only if it is set.
    SWITCHYARD_AGENT_IDLE_SECONDS: Duration = time(Seconds, 1, Some(DAY))
        .read_by(&[Daemon])
        .otherwise("300");

    /// How many turns Claude Code may take.
    SWITCHYARD_AGENT_TURNS: u32 = count("turns", 1, Some(10_000))
        .read_by(&[Daemon])
        .otherwise("200");

    /// How many commits of history an agent gets, 0 for all. The clone is read three times.
    SWITCHYARD_CLONE_DEPTH: u32 = count("commits", 0, None)
        .read_by(&[Daemon])
        .otherwise("500")
        .solve("Set it to a number, 0 for the whole history, or leave it out.");

    /// How long a job may go on after a request to end.
    SWITCHYARD_DRAIN_SECONDS: Duration = time(Seconds, 1, Some(DAY))
        .read_by(&[Daemon])
        .otherwise("100")
        .locally(Local::Default("5"));

    /// Where the ends of agents' outputs are kept.
    SWITCHYARD_AGENT_LOGS: PathBuf = path("a folder")
        .read_by(&[Daemon])
        .without("nowhere");

    /// Where jobs have their folders.
    SWITCHYARD_WORK_DIR: PathBuf = path("a folder")
        .read_by(&[Daemon])
        .without("a folder in the system's temporary one");

    /// The daemon's name.
    SWITCHYARD_DAEMON_ID: DaemonId = parsed("at most 100 visible ASCII characters")
        .read_by(&[Daemon])
        .without("a random one");
}
