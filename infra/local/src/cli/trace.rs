//! `switchyard-local trace`

use std::{fs, io::Write, path::Path};

use anyhow::{Context, Result};

use crate::timeline::Timeline;

/// The logs of the functions and of the daemons.
const LOGS: [&str; 2] = ["local.jsonl", "daemon.jsonl"];

/// Prints the timeline of the request that `id` belongs to. It only reads, so it works while the system runs and
/// after it has ended.
pub(super) fn run(state: &Path, id: &str) -> Result<()> {
    let mut text = String::new();
    for name in LOGS {
        let path = state.join("log").join(name);
        match fs::read(&path) {
            Ok(log) => text.push_str(&String::from_utf8_lossy(&log)),
            // Without a daemon there is no log of one.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error).with_context(|| path.display().to_string()),
        }
        text.push('\n');
    }
    let timeline = Timeline::find(id, text.lines())?;
    write!(std::io::stdout().lock(), "{timeline}")?;
    Ok(())
}
