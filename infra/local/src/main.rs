//! The program: `switchyard-local up`, `switchyard-local demo`.

use std::process::ExitCode;

fn main() -> ExitCode {
    // A daemon's sandbox is made of processes of this program, each with a single thread.
    daemon::stage(std::env::args_os()).unwrap_or_else(local::cli::main)
}
