//! The program: `switchyard-local up`, `switchyard-local demo`.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    local::cli::main().await
}
