//! `switchyard-local up`

use std::{collections::BTreeMap, io::Write, time::Duration};

use anyhow::{Context, Result};
use tokio::{signal, time::sleep};

use super::Vars;
use crate::{
    daemons::DaemonCommand,
    stack::{Stack, StackConfig},
    voice::Voice,
};

const RESTART_AFTER: Duration = Duration::from_secs(2);

/// Starts everything and keeps it running until Ctrl-C.
pub(super) async fn run(config: Result<StackConfig>, vars: &Vars) -> Result<()> {
    let config = config?;
    let voice = Voice::start(&config.state, vars)?;
    let state = config.state.clone();
    let stack = Stack::start(config).await?;
    {
        let mut out = std::io::stdout().lock();
        writeln!(out, "API and webhooks   {}", stack.url())?;
        writeln!(out, "AWS endpoints      {}", stack.endpoints().url())?;
        if let Ok(sim) = stack.github() {
            writeln!(out, "simulated GitHub   {}", sim.base_url())?;
        }
        writeln!(out, "state and logs     {}", state.display())?;
        writeln!(out, "Ctrl-C stops it; everything is kept.")?;
    }
    let command = daemon_command(vars)?;
    let ended = tokio::select! {
        interrupted = interrupted() => interrupted,
        ended = keep_a_daemon(&stack, &command) => ended,
    };
    stack.shutdown().await;
    voice.end().await;
    ended
}

/// Waits for Ctrl-C or the system's request to end.
pub(crate) async fn interrupted() -> Result<()> {
    let mut terminated = signal::unix::signal(signal::unix::SignalKind::terminate())?;
    tokio::select! {
        interrupted = signal::ctrl_c() => Ok(interrupted?),
        _ = terminated.recv() => Ok(()),
    }
}

/// Keeps one daemon running, as the service does on AWS.
pub(crate) async fn keep_a_daemon(stack: &Stack, command: &DaemonCommand) -> Result<()> {
    loop {
        let mut daemon = stack.start_daemon(command)?;
        let status = daemon.wait().await?;
        tracing::warn!(%status, "the daemon ended and is started again");
        sleep(RESTART_AFTER).await;
    }
}

/// A daemon of this very program, with the settings for daemons that this process was given.
pub(crate) fn daemon_command(vars: &Vars) -> Result<DaemonCommand> {
    let wanted = |name: &str| {
        let about_agents = ["SWITCHYARD_", "ANTHROPIC_", "CLAUDE_", "OTEL_"];
        about_agents.iter().any(|prefix| name.starts_with(prefix)) || name == "HOME"
    };
    let settings: BTreeMap<String, String> = vars
        .iter()
        .filter(|(name, _)| wanted(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    Ok(DaemonCommand {
        program: std::env::current_exe().context("the path of this program")?,
        arguments: vec!["daemon".into(), "--with-parent".into()],
        settings,
    })
}
