//! The daemon as a program of its own. Its settings are the environment.

use std::{collections::HashMap, process::ExitCode};

fn main() -> ExitCode {
    // A sandbox is made of processes of this program, each with a single thread.
    switchyard_daemon::stage(std::env::args_os()).unwrap_or_else(|| {
        #[expect(clippy::disallowed_methods, reason = "a main reads the environment")]
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        switchyard_daemon::health(std::env::args_os(), &variables)
            .unwrap_or_else(|| daemon(variables))
    })
}

#[tokio::main]
async fn daemon(variables: HashMap<String, String>) -> ExitCode {
    Box::pin(switchyard_daemon::launch(variables)).await
}
