//! `switchyard-local up`

use std::io::Write;

use anyhow::Result;

use super::{
    Options, Vars, demo,
    start::{self, Launch, interrupted, note},
};
use crate::{agents::Agent, daemons::DaemonEvent};

/// Starts everything and keeps it running until Ctrl-C.
pub(super) async fn run(options: Options, vars: &Vars) -> Result<()> {
    let mut launch = Launch::start(&options, vars, None).await?;
    if launch.chosen == Agent::Demonstration {
        demo::furnish(launch.stack.github()?).await?;
    }
    greet(&launch)?;
    let tell = |event: DaemonEvent| {
        // Without a terminal there is nobody to tell.
        let _told = note(&event);
    };
    let ended = tokio::select! {
        interrupted = interrupted() => interrupted,
        ended = start::keep(launch.keeper.as_mut(), &launch.stack, tell) => ended,
    };
    let daemon = start::end(launch.keeper.as_mut(), tell).await;
    launch.stack.shutdown().await;
    launch.logging.end().await;
    ended.and(daemon)
}

/// Says where everything is.
fn greet(launch: &Launch) -> Result<()> {
    let mut out = std::io::stdout().lock();
    let stack = &launch.stack;
    writeln!(out, "API                {}", stack.api_url())?;
    writeln!(out, "webhooks, worker   {}", stack.url())?;
    writeln!(out, "AWS endpoints      {}", stack.endpoints().url())?;
    if let Ok(sim) = stack.github() {
        writeln!(out, "simulated GitHub   {}", sim.base_url())?;
    }
    writeln!(out, "agent              {}", launch.agent)?;
    if launch.chosen == Agent::Demonstration {
        writeln!(
            out,
            "                   (the demonstration's script, not a model; with Claude Code installed and a key set,\n                   \
             or with SWITCHYARD_HARNESS, it is another)"
        )?;
    }
    writeln!(out, "sandbox            {}", launch.sandbox)?;
    writeln!(out, "state and logs     {}", stack.state().display())?;
    writeln!(out, "Ready. Ctrl-C stops it; everything is kept.")?;
    Ok(())
}
