//! The schedule.

use std::time::Duration;

use anyhow::Result;

use crate::{patience::eventually, stage::Stage};

/// A minute, and what the emulator adds.
const LIMIT: Duration = Duration::from_secs(90);

/// EventBridge calls `scheduler` by itself.
pub(crate) async fn ticked(stage: &Stage) -> Result<((), String)> {
    eventually("the scheduler sweeps", LIMIT, async || {
        stage.logged("scheduler", "swept what was due").await
    })
    .await?;
    Ok(((), "a sweep that nobody asked for is in its log".to_owned()))
}
