//! The local stack as a process of its own, for scenarios that kill it, and as the daemon's process.

use std::process::ExitCode;

fn main() -> ExitCode {
    // A daemon's sandbox is made of processes of this program, each with a single thread.
    daemon::stage(std::env::args_os()).unwrap_or_else(local::cli::main)
}
