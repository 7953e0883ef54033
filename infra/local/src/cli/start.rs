//! Starting: everything is looked at before anything is called ready.

use std::{io::Write, time::Duration};

use anyhow::Result;
use settings::SWITCHYARD_SANDBOX;
use tokio::signal;

use super::{Options, Vars, options::Daemons};
use crate::{
    agents::{self, Agent},
    daemons::{DaemonCommand, DaemonEvent, Keeper},
    logging::Logging,
    preflight,
    stack::{GitHubAt, Stack, StackConfig},
};

/// A stack that was started, and the daemon it is to have.
#[derive(Debug)]
pub(crate) struct Launch {
    pub(crate) stack: Stack,
    pub(crate) logging: Logging,
    /// The daemon, unless none is wanted.
    pub(crate) keeper: Option<Keeper>,
    /// The agent, as a person knows it.
    pub(crate) agent: String,
    /// What holds it.
    pub(crate) sandbox: String,
    /// Whether it is the demonstration's script.
    pub(crate) chosen: Agent,
}

impl Launch {
    /// Starts everything but the daemon, once every setting is known to be usable. `agent` is chosen by the
    /// settings unless it is given.
    pub(crate) async fn start(
        options: &Options,
        vars: &Vars,
        agent: Option<Agent>,
    ) -> Result<Self> {
        let config = options.config(vars)?;
        for unknown in settings::unknown(vars) {
            note(&unknown)?;
        }
        preflight::git::check(&config.path).await?;
        let chosen = agent.unwrap_or_else(|| match config.github {
            GitHubAt::Simulated(_) => Agent::for_simulation(vars, &config.path),
            GitHubAt::Real { .. } => Agent::AsSet,
        });
        let mut command = agents::daemon_command(vars, &chosen)?;
        if let Some(sandbox) = options.sandbox() {
            command
                .settings
                .insert(SWITCHYARD_SANDBOX.name().to_owned(), sandbox.to_owned());
        }
        ask_github(options, &config).await?;
        let logging = Logging::start(&config.state, vars)?;
        let stack = Stack::start(config).await?;
        let looked = match options.daemons() {
            Daemons::None => Ok((
                "none: no daemon is started".to_owned(),
                "none needed".to_owned(),
            )),
            Daemons::One => look(&command, &stack).await,
        };
        let (agent, sandbox) = match looked {
            Ok(found) => found,
            Err(error) => {
                stack.shutdown().await;
                return Err(error);
            }
        };
        let keeper = match options.daemons() {
            Daemons::None => None,
            Daemons::One => Some(keeper(command, &stack)),
        };
        Ok(Self {
            stack,
            logging,
            keeper,
            agent,
            sandbox,
            chosen,
        })
    }
}

/// The agent that a daemon would run, and the sandbox it would run it in.
async fn look(command: &DaemonCommand, stack: &Stack) -> Result<(String, String)> {
    let prospect = stack.check_daemon(command)?;
    let sandbox = stack.sandbox_of(command).await?;
    Ok((prospect.agent, shown(&sandbox)))
}

/// The level, and if it is none, what that means and why nothing else works.
fn shown(sandbox: &str) -> String {
    let (level, why) = sandbox.split_once(": ").unwrap_or((sandbox, ""));
    match (level, why) {
        ("none", "") => "none: nothing holds back what agents run".to_owned(),
        ("none", why) => format!("none: nothing holds back what agents run ({why})"),
        (level, _) => level.to_owned(),
    }
}

fn keeper(command: DaemonCommand, stack: &Stack) -> Keeper {
    let drain: Duration = agents::drain(&command);
    Keeper::new(command, drain, stack.clock())
}

/// Asks a real GitHub whether it takes the settings.
async fn ask_github(options: &Options, config: &StackConfig) -> Result<()> {
    let GitHubAt::Real {
        api,
        app_id,
        private_key,
        ..
    } = &config.github
    else {
        return Ok(());
    };
    let claims = preflight::github::Claims {
        api,
        app_id,
        private_key,
        owners: options.owners(),
        token: config.github_token.as_ref(),
    };
    let warnings = preflight::github::check(&claims, config.clock.clone()).await?;
    for warning in warnings {
        note(&warning)?;
    }
    Ok(())
}

/// Says something on the side, where it does not get between what is read by programs.
pub(crate) fn note(what: &impl std::fmt::Display) -> Result<()> {
    Ok(writeln!(std::io::stderr(), "switchyard-local: {what}.")?)
}

/// Waits for Ctrl-C or the system's request to end.
pub(crate) async fn interrupted() -> Result<()> {
    let mut terminated = signal::unix::signal(signal::unix::SignalKind::terminate())?;
    tokio::select! {
        interrupted = signal::ctrl_c() => Ok(interrupted?),
        _ = terminated.recv() => Ok(()),
    }
}

/// Keeps the daemon, if there is one; otherwise waits for ever.
pub(crate) async fn keep(
    keeper: Option<&mut Keeper>,
    stack: &Stack,
    tell: impl Fn(DaemonEvent),
) -> Result<()> {
    match keeper {
        Some(keeper) => keeper.keep(stack, tell).await,
        None => std::future::pending().await,
    }
}

/// Lets the daemon end, unless somebody is too impatient for that.
pub(crate) async fn end(keeper: Option<&mut Keeper>, tell: impl Fn(DaemonEvent)) -> Result<()> {
    let Some(keeper) = keeper else {
        return Ok(());
    };
    tokio::select! {
        ended = keeper.end(tell) => ended,
        interrupted = interrupted() => interrupted,
    }
}
