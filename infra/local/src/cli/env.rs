//! `switchyard-local env`

use std::io::Write;

use anyhow::Result;

use super::{Options, Vars};
use crate::stack::{AccessToken, FunctionsAt, Schedule, Stack};

/// Prints the environment that functions in another process need, one `NAME="value"` a line.
pub(super) async fn run(options: &Options, vars: &Vars) -> Result<()> {
    let mut config = options.config(vars)?;
    config.schedule = Schedule::ByHand;
    config.functions = FunctionsAt::Mounted;
    config.access = AccessToken::Kept;
    let stack = Stack::start(config).await?;
    let mut out = std::io::stdout().lock();
    for (name, value) in stack.settings_for_other_processes()? {
        writeln!(out, "{name}=\"{}\"", value.trim_end().replace('\n', "\\n"))?;
    }
    stack.shutdown().await;
    Ok(())
}
