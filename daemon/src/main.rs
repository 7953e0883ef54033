//! The daemon as a program of its own. Its settings are the environment.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    #[expect(clippy::disallowed_methods, reason = "a main reads the environment")]
    let variables = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    switchyard_daemon::launch(variables).await
}
