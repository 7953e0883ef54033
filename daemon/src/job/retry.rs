//! Trying again what others may be able to do in a moment.

use super::Job;

const TRIES: u32 = 4;

impl Job<'_> {
    /// Does `work` up to four times, with longer and longer pauses, as long as its error is `transient`.
    pub(super) async fn retrying<T, E, F>(
        &self,
        transient: fn(&E) -> bool,
        mut work: impl FnMut() -> F,
    ) -> Result<T, E>
    where
        E: std::fmt::Display,
        F: Future<Output = Result<T, E>>,
    {
        let mut pause = self.daemon.config.pause;
        for _ in 1..TRIES {
            match work().await {
                Err(error) if transient(&error) => {
                    tracing::warn!(%error, "will be tried again");
                    tokio::time::sleep(pause).await;
                    pause *= 3;
                }
                done => return done,
            }
        }
        work().await
    }
}
