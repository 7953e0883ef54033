//! Waiting on conditions instead of sleeping.

use std::time::Duration;

use tokio::sync::watch;

use crate::error::Error;
use crate::server::SimGitHub;

/// Why a wait ended without what it waited for.
#[derive(Debug, thiserror::Error)]
pub enum WaitError {
    /// The condition did not come true in time.
    #[error("the condition did not come true within {0:?}")]
    TimedOut(Duration),
    /// Looking failed.
    #[error(transparent)]
    Look(#[from] Error),
}

impl SimGitHub {
    /// Wakes with every change: of the state, of a delivery, and after every request. The number
    /// means nothing but that something has changed.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.hub.changes.subscribe()
    }

    /// Looks at once and after every change, until `look` finds something or `limit` of real time
    /// has passed.
    ///
    /// ```no_run
    /// # async fn example(sim: &switchyard_simgithub::SimGitHub) -> Result<(), switchyard_simgithub::WaitError> {
    /// let pull = sim
    ///     .wait_for(std::time::Duration::from_secs(10), || async {
    ///         Ok(sim.pulls("octo/demo").await?.into_iter().next())
    ///     })
    ///     .await?;
    /// # drop(pull);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn wait_for<T, L, F>(&self, limit: Duration, mut look: L) -> Result<T, WaitError>
    where
        L: FnMut() -> F,
        F: Future<Output = Result<Option<T>, Error>>,
    {
        let mut changes = self.changes();
        let found = tokio::time::timeout(limit, async {
            loop {
                changes.borrow_and_update();
                if let Some(found) = look().await? {
                    return Ok(found);
                }
                changes.changed().await.map_err(|_| Error::Stopped)?;
            }
        });
        match found.await {
            Ok(found) => found.map_err(WaitError::Look),
            Err(_) => Err(WaitError::TimedOut(limit)),
        }
    }
}
