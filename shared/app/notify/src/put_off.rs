//! Posting later what cannot be posted now, so that nobody else waits for it.

use std::time::Duration;

use domain::{Run, RunKey};
use jiff::Timestamp;
use ports::ProviderError;

use crate::{Relay, StreamRecord};
use runs::AppError;

/// How often the clock is looked at while somebody waits for their turn. It is not the machine's own everywhere.
const LOOK: Duration = Duration::from_millis(100);

impl Relay {
    /// Notes that a run has to be told of later, when its time comes: the provider is out of reach for it, slow, or
    /// wants to be left alone. The stream goes on meanwhile. Where what this process began to write may have come after
    /// an end that another one has told, that end is told again.
    pub(crate) async fn put_off(&self, key: &RunKey, why: ProviderError) -> Result<(), AppError> {
        let from = match &why {
            ProviderError::RetryAt(until) => Some(*until),
            _ => None,
        };
        tracing::warn!(
            metric.TellingPutOff = 1_u64,
            error = %why,
            ?key,
            "what has happened cannot be told now, and is told later"
        );
        let (now, in_doubt) = (self.clock.now(), self.last_posts.in_doubt(key));
        let later = |run: &mut Run| {
            run.tell_later(from, now);
            if in_doubt {
                run.tell_again(from, now);
            }
        };
        self.store.change_run(key, later).await?;
        Ok(())
    }

    /// The same for a run that a batch has no time left for.
    pub async fn put_off_for_time(&self, record: &StreamRecord<RunKey>) -> Result<(), AppError> {
        self.put_off(record.key(), crate::report_run::too_slow())
            .await
    }

    /// Waits until `at` by the clock, or for twice the interval between two edits by the machine's own time, which is
    /// more than any wait for a turn takes.
    pub async fn wait_for_turn(&self, at: Timestamp) {
        let most = Duration::try_from(self.interval).unwrap_or_default() * 2;
        let turn = async {
            loop {
                let left = at.duration_since(self.clock.now());
                match Duration::try_from(left) {
                    Ok(left) if !left.is_zero() => tokio::time::sleep(left.min(LOOK)).await,
                    Ok(_) | Err(_) => return,
                }
            }
        };
        // Who waited long enough has its turn too.
        tokio::time::timeout(most, turn).await.ok();
    }
}
