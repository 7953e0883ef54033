//! The command line.

mod definition;
mod demo;
mod env;
mod invoke;
mod options;
mod start;
mod trace;
mod up;

use std::{io::Write, path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

use crate::{hidden::hide_from_others, vars::Vars};
use demo::Afterwards;
use invoke::Invocation;
use options::{Daemons, Options};
use start::{Launch, end, interrupted, keep};

/// Switchyard on one machine: no cloud account, no keys.
#[derive(Debug, Parser)]
#[command(name = "switchyard-local", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the whole system and keep it running.
    Up {
        #[command(flatten)]
        options: Options,
        /// Show the main job on a demonstration repository first.
        #[arg(long)]
        demonstrate: bool,
    },
    /// Show the main job on a demonstration repository, and end: with 0 if it succeeded.
    Demo {
        #[command(flatten)]
        options: Options,
    },
    /// Print the environment that functions in another process need, and an address to invoke them at.
    Env {
        #[command(flatten)]
        options: Options,
    },
    /// Hand a sample of events/ to its function under `cargo lambda watch`, and show the answer and the log.
    Invoke {
        #[command(flatten)]
        invocation: Invocation,
    },
    /// Show the timeline of one request: every line that the functions and daemons logged about it, in order.
    Trace {
        /// A trace id, a delivery's id, a run's id or a job's id, or the beginning of one.
        id: String,
        /// The directory with the state.
        #[arg(long, default_value = ".switchyard")]
        state: PathBuf,
    },
    /// Check or draw a definition.
    Definition {
        #[command(subcommand)]
        work: definition::Work,
    },
    /// Run one daemon in this process, with settings from the environment.
    #[command(hide = true)]
    Daemon {
        /// End when standard input does, which is when whoever started this is gone.
        #[arg(long)]
        with_parent: bool,
    },
    /// Say which sandbox a daemon would use, with settings from the environment.
    #[command(hide = true)]
    Boundary,
}

/// Runs the program. It has to be the first thing that a process does.
pub fn main() -> ExitCode {
    hide_from_others();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => runtime.block_on(run()),
        Err(error) => failed(&error.into()),
    }
}

async fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let vars = settings::environment();
    let done = match arguments.command {
        Command::Daemon { with_parent } => return Box::pin(run_daemon(vars, with_parent)).await,
        Command::Boundary => boundary(vars).await,
        Command::Up {
            options,
            demonstrate: true,
        } => Box::pin(demo::run(options, &vars, Afterwards::Serve)).await,
        Command::Up {
            options,
            demonstrate: false,
        } => Box::pin(up::run(options, &vars)).await,
        Command::Demo { options } => Box::pin(demo::run(options, &vars, Afterwards::End)).await,
        Command::Trace { id, state } => trace::run(&state, &id),
        Command::Definition { work } => definition::run(&work),
        Command::Env { options } => Box::pin(env::run(&options, &vars)).await,
        Command::Invoke { invocation } => Box::pin(invoke::run(&invocation, &vars)).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}

async fn boundary(vars: Vars) -> anyhow::Result<()> {
    let sandbox = daemon::try_boundary(vars).await?;
    let level = sandbox.level();
    Ok(match sandbox.passed_over() {
        [] => writeln!(std::io::stdout(), "{level}"),
        reasons => writeln!(std::io::stdout(), "{level}: {}", reasons.join("; ")),
    }?)
}

/// Runs a daemon, if wanted no longer than its parent lives. What is dropped then ends its agent and removes
/// its folder; the job comes back when its lease ends.
async fn run_daemon(vars: Vars, with_parent: bool) -> ExitCode {
    let orphaned = async {
        if with_parent {
            parents_end().await;
        } else {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        code = daemon::launch(vars) => code,
        () = orphaned => {
            tracing::warn!("the process that started this daemon is gone, so it ends too");
            ExitCode::FAILURE
        }
    }
}

/// Waits for the end of standard input, on a thread of its own that keeps nothing from ending.
async fn parents_end() {
    let (sender, ended) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        // An input that cannot be read has no parent behind it either.
        let _read = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
        let _nobody_waits = sender.send(());
    });
    let _sent = ended.await;
}

#[expect(clippy::print_stderr, reason = "a command line speaks to its caller")]
fn failed(error: &anyhow::Error) -> ExitCode {
    eprintln!("switchyard-local: {error:#}");
    ExitCode::FAILURE
}
