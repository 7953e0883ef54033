//! Posting later what cannot be posted now, so that nobody else waits for it.

use std::time::Duration;

use domain::{PosterId, RunHead, RunKey, TrackingPlace};
use jiff::{SignedDuration, Timestamp};
use ports::ProviderError;

use crate::{Relay, StreamRecord};
use runs::AppError;

/// How often the clock is looked at while somebody waits for their turn. It is not the machine's own everywhere.
const LOOK: Duration = Duration::from_millis(100);
/// The shortest wait before a run is announced again whose announcement failed.
const SHORTEST: SignedDuration = SignedDuration::from_secs(60);

impl Relay {
    /// Notes that a run has to be told of later, when its time comes: the provider is out of reach for it, slow, or
    /// wants to be left alone. The stream goes on meanwhile. Where what this process began to write may have come after
    /// an end that another one has told, that end is told again.
    pub(crate) async fn put_off(
        &self,
        key: &RunKey,
        poster: PosterId,
        why: ProviderError,
    ) -> Result<(), AppError> {
        tracing::warn!(
            metric.TellingPutOff = 1_u64,
            error = %why,
            ?key,
            "what has happened cannot be told now, and is told later"
        );
        let Some(head) = self.store.head(key).await? else {
            return Ok(());
        };
        let from = match &why {
            ProviderError::RetryAt(until) => Some(*until),
            _ => None,
        };
        let now = self.clock.now();
        let place = self.store.tracking_place(key).await?;
        let there = place.as_ref().map(|place| *place.value());
        let later = if there.is_some_and(|place| place.is_told()) {
            let in_doubt = self.last_posts.in_doubt(key);
            in_doubt.then(|| head.told_again(from, now)).flatten()
        } else {
            head.told_later(from, now)
        };
        if let Some(later) = later {
            self.store.move_head(&later).await?;
        }
        let at = from.unwrap_or_else(|| now + waited(&head, now));
        let next = match &why {
            // A post may yet arrive, so nobody else posts first until it cannot any more.
            ProviderError::Unavailable { .. } => TrackingPlace::retried(there, poster, at),
            _ => TrackingPlace::put_off(there, poster, at),
        };
        if let Some(next) = next {
            let swap = self.store.swap_tracking_place(key, place.as_ref(), next);
            // Whoever has changed it since sees to it.
            swap.await?;
        }
        Ok(())
    }

    /// The same for a run that a batch has no time left for.
    pub async fn put_off_for_time(&self, record: &StreamRecord<RunKey>) -> Result<(), AppError> {
        self.put_off(record.key(), self.poster(), crate::report_run::too_slow())
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

/// How long a run has been untold: as long again it can wait.
fn waited(head: &RunHead, now: Timestamp) -> SignedDuration {
    now.duration_since(head.created_at()).max(SHORTEST)
}
