//! The command line.

mod env;
mod trace;
mod up;

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use anyhow::{Result, bail};
use clap::{Parser, Subcommand};
use url::Url;

pub(crate) use up::{daemon_command, interrupted, keep_a_daemon};

use crate::{
    demo::{self, Afterwards},
    stack::{FunctionsAt, GitHubAt, StackConfig},
};

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
    /// Print the environment that functions in another process need.
    Env {
        #[command(flatten)]
        options: Options,
    },
    /// Show the way of one request: every line that the functions and daemons logged about it, in order.
    Trace {
        /// A trace id, a delivery's id, a run's id or a job's id, or the beginning of one.
        id: String,
        /// The directory with the state.
        #[arg(long, default_value = ".switchyard")]
        state: PathBuf,
    },
    /// Run one daemon in this process, with settings from the environment.
    #[command(hide = true)]
    Daemon {
        /// End when standard input does, which is when whoever started this is gone.
        #[arg(long)]
        with_parent: bool,
    },
}

#[derive(Debug, clap::Args)]
struct Options {
    /// The directory for all state.
    #[arg(long, default_value = ".switchyard")]
    state: PathBuf,
    /// Where the API and the webhooks listen.
    #[arg(long, default_value = "127.0.0.1:8787")]
    listen: SocketAddr,
    /// Where the AWS endpoints listen.
    #[arg(long, default_value = "127.0.0.1:4566")]
    aws: SocketAddr,
    /// `sim`, or the base of a real GitHub's REST API; a real one takes its app from `GITHUB_APP_ID`,
    /// `GITHUB_APP_PRIVATE_KEY`, `GITHUB_WEBHOOK_SECRET` and `GITHUB_GIT_URL`.
    #[arg(long, default_value = "sim")]
    github: String,
    /// Where the simulated GitHub listens.
    #[arg(long, default_value = "127.0.0.1:8788")]
    github_listen: SocketAddr,
    /// `mounted`, or the address of `cargo lambda watch`.
    #[arg(long, default_value = "mounted")]
    functions: String,
    /// Owners whose repositories may be worked on, separated by commas.
    #[arg(long, env = "SWITCHYARD_ALLOWED_OWNERS", default_value = "octo-demo")]
    owners: String,
}

/// Runs the program.
pub async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let vars = kit::environment();
    let done = match arguments.command {
        Command::Daemon { with_parent } => return Box::pin(run_daemon(vars, with_parent)).await,
        Command::Up {
            options,
            demonstrate: true,
        } => {
            let config = match options.config(&vars) {
                Ok(config) => config,
                Err(error) => return failed(&error),
            };
            Box::pin(demo::run(config, &vars, Afterwards::Serve)).await
        }
        Command::Up {
            options,
            demonstrate: false,
        } => Box::pin(up::run(options.config(&vars), &vars)).await,
        Command::Demo { options } => {
            let config = match options.config(&vars) {
                Ok(config) => config,
                Err(error) => return failed(&error),
            };
            Box::pin(demo::run(config, &vars, Afterwards::End)).await
        }
        Command::Trace { id, state } => trace::run(&state, &id),
        Command::Env { options } => Box::pin(env::run(options.config(&vars))).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
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

/// A snapshot of the environment.
pub(crate) type Vars = std::collections::HashMap<String, String>;

impl Options {
    fn config(&self, vars: &Vars) -> Result<StackConfig> {
        let state = std::path::absolute(&self.state)?;
        let mut config = StackConfig::new(state);
        config.listen = self.listen;
        config.aws = self.aws;
        config.github = self.github(vars)?;
        if self.functions != "mounted" {
            config.functions = FunctionsAt::Remote(self.functions.parse()?);
        }
        config
            .parameters
            .insert("AllowedOwners".to_owned(), self.owners.clone());
        // On a laptop nobody pays for writes, and a person is watching.
        for (name, value) in [
            ("SWITCHYARD_EVENTS_MILLIS", "300"),
            ("SWITCHYARD_EDIT_MILLIS", "700"),
            ("SWITCHYARD_HEARTBEAT_SECONDS", "5"),
        ] {
            config.settings.insert(name.to_owned(), value.to_owned());
        }
        if let Some(path) = vars.get("PATH") {
            config.path.clone_from(path);
        }
        Ok(config)
    }

    fn github(&self, vars: &Vars) -> Result<GitHubAt> {
        if self.github == "sim" {
            return Ok(GitHubAt::Simulated(self.github_listen));
        }
        let api: Url = self.github.parse()?;
        let names = [
            "GITHUB_APP_ID",
            "GITHUB_APP_PRIVATE_KEY",
            "GITHUB_WEBHOOK_SECRET",
        ];
        let missing: Vec<_> = names
            .into_iter()
            .filter(|name| !vars.contains_key(*name))
            .collect();
        if !missing.is_empty() {
            bail!(
                "a real GitHub needs these variables of your app to be set: {}",
                missing.join(", ")
            );
        }
        let of = |name: &str| vars.get(name).cloned().unwrap_or_default();
        let git = vars
            .get("GITHUB_GIT_URL")
            .map_or("https://github.com", String::as_str);
        Ok(GitHubAt::Real {
            api,
            git: git.parse()?,
            app_id: of("GITHUB_APP_ID"),
            private_key: of("GITHUB_APP_PRIVATE_KEY").into(),
            webhook_secret: of("GITHUB_WEBHOOK_SECRET").into(),
        })
    }
}
