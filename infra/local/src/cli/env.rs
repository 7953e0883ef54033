//! `switchyard-local env`

use std::io::Write;

use anyhow::Result;

use crate::stack::{FunctionsAt, Schedule, Stack, StackConfig};

/// Prints the environment that functions in another process need, one `NAME="value"` a line.
pub(super) async fn run(config: Result<StackConfig>) -> Result<()> {
    let mut config = config?;
    config.schedule = Schedule::ByHand;
    config.functions = FunctionsAt::Mounted;
    let stack = Stack::start(config).await?;
    let mut out = std::io::stdout().lock();
    for (name, value) in stack.settings_for_other_processes()? {
        writeln!(out, "{name}=\"{}\"", value.trim_end().replace('\n', "\\n"))?;
    }
    drop(out);
    stack.shutdown().await;
    Ok(())
}
