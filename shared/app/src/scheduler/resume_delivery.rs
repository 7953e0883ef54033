//! Takes up a delivery that stopped half-way.

use domain::{DeliveryKey, Verdict};
use jiff::SignedDuration;

use super::{Scheduler, Sweep};
use crate::{AppError, told::about_delivery};

/// The wait before the second time a delivery is taken up; it doubles from there.
const WAIT: SignedDuration = SignedDuration::from_mins(16);
/// After this long somebody has to look.
const GIVE_UP_AFTER: SignedDuration = SignedDuration::from_hours(24);

impl Scheduler {
    /// Sends an interrupted delivery through the queue again, or gives it up after a day.
    pub(super) async fn resume_delivery(
        &self,
        key: &DeliveryKey,
        sweep: &mut Sweep,
    ) -> Result<(), AppError> {
        let now = self.clock.now();
        let Some((mut delivery, message)) = self.store.interrupted_delivery(key).await? else {
            return Ok(());
        };
        about_delivery(&delivery);
        if now.duration_since(delivery.received_at) > GIVE_UP_AFTER {
            delivery.verdict = Verdict::Failed;
            self.store.record_delivery(&delivery, now).await?;
            sweep.settled += 1;
            tracing::error!(metric.DeliveriesLost = 1_u64, "a delivery was given up");
            return Ok(());
        }
        let Verdict::Interrupted { attempts } = delivery.verdict else {
            return Ok(());
        };
        let wait = WAIT.saturating_mul(1_i32.checked_shl(attempts.min(6)).unwrap_or(1));
        self.store
            .interrupt_delivery(&delivery, &message, now + wait, now)
            .await?;
        self.deliveries
            .send(&message, Some(delivery.tenant.as_str()))
            .await?;
        sweep.taken_up += 1;
        tracing::info!(
            metric.SweepResumed = 1_u64,
            dimension.What = "delivery",
            "a delivery was taken up again"
        );
        Ok(())
    }
}
