//! Waiting for what cannot say that it changed.

use std::time::Duration;

use anyhow::{Result, bail};

/// How long anything may take before it counts as never.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// Looks until there is something to see.
pub(crate) async fn eventually<T>(
    what: &str,
    limit: Duration,
    look: impl AsyncFn() -> Result<Option<T>>,
) -> Result<T> {
    let looking = async {
        loop {
            if let Some(found) = look().await? {
                return Ok(found);
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    };
    match tokio::time::timeout(limit, looking).await {
        Ok(found) => found,
        Err(_) => bail!("it did not happen within {} s: {what}", limit.as_secs()),
    }
}
