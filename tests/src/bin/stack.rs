//! The local stack as a process of its own, for scenarios that kill it, and as the daemon's process.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    local::cli::main().await
}
