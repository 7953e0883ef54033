//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// Deploys the template to an emulator of AWS on this machine, with the functions as they are built for Lambda.
#[derive(Debug, Parser)]
#[command(name = "deploy-check", version, about)]
pub struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Prove the wiring of the deployed stack, take it down, and end: with 0 if everything held.
    Check {
        #[command(flatten)]
        options: Options,
        /// Kill a daemon in mid-job too, and wait until its lease is over; two to three minutes more.
        #[arg(long)]
        patient: bool,
        /// Leave the stack up afterwards, until Ctrl-C.
        #[arg(long)]
        keep: bool,
    },
    /// Deploy, show the main job, and keep the stack up until Ctrl-C.
    Serve {
        #[command(flatten)]
        options: Options,
    },
}

/// Where things are. The defaults are what the Makefile makes.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The template that `sam build` has made.
    #[arg(long, default_value = ".aws-sam/build/template.yaml")]
    pub(crate) template: PathBuf,
    /// The program `sam`.
    #[arg(long, default_value = ".venv/bin/sam")]
    pub(crate) sam: PathBuf,
    /// The emulator's program.
    #[arg(long, default_value = ".venv-emulator/bin/ministack")]
    pub(crate) emulator: PathBuf,
    /// The daemon's program.
    #[arg(long, default_value = "target/debug/switchyard-daemon")]
    pub(crate) daemon: PathBuf,
    /// The files of the repository that is worked on.
    #[arg(long, default_value = "infra/local/demo")]
    pub(crate) repository: PathBuf,
    /// The processor that the functions were built for.
    #[arg(long, default_value = std::env::consts::ARCH)]
    pub(crate) architecture: String,
    /// A directory for logs and state, instead of a temporary one that is removed when everything held.
    #[arg(long)]
    pub(crate) state: Option<PathBuf>,
    /// The port of the emulator; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    pub(crate) aws_port: u16,
    /// The port of the simulated GitHub; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    pub(crate) github_port: u16,
    /// The port of the functions' URLs without TLS; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    pub(crate) front_port: u16,
}

impl Options {
    /// The processor as the template's parameter calls it.
    pub(crate) fn architecture(&self) -> &str {
        match self.architecture.as_str() {
            "aarch64" => "arm64",
            other => other,
        }
    }
}
