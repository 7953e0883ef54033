//! The program: `deploy-check check`, `deploy-check serve`.

use std::{io, process::ExitCode};

use clap::Parser as _;
use switchyard_emulator_proof::Arguments;

#[tokio::main]
#[expect(clippy::print_stderr, reason = "a command line speaks to its caller")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match Box::pin(switchyard_emulator_proof::run(arguments, &mut io::stdout())).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("deploy-check: {error:#}");
            ExitCode::FAILURE
        }
    }
}
