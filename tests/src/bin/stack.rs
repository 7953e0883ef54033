//! The local stack as a process of its own, for scenarios that kill it, and as the daemon's process.

use std::process::ExitCode;

fn main() -> ExitCode {
    local::cli::main()
}
