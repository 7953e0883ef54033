//! Takes up a delivery that stopped half-way, or whose answer nobody was told of.

use contract::DeliveryMessage;
use domain::{Answering, Delivery, DeliveryKey, Refusal, Verdict};
use jiff::SignedDuration;

use super::{Scheduler, Sweep};
use crate::{AppError, told::about_delivery};

/// The wait before the second time a delivery is taken up, unless it is put on record with another one; it
/// doubles from there.
const WAIT: SignedDuration = SignedDuration::from_mins(16);

impl Scheduler {
    /// Sends an interrupted delivery through the queue again, or gives it up after a day; offers an answer to
    /// the stream again, or gives that up.
    pub(super) async fn resume_delivery(
        &self,
        key: &DeliveryKey,
        sweep: &mut Sweep,
    ) -> Result<(), AppError> {
        let Some((delivery, message)) = self.store.due_delivery(key).await? else {
            return Ok(());
        };
        about_delivery(&delivery);
        // The index lags, so whether it really is due is decided on the record itself.
        if delivery.due_at.is_some_and(|due| due > self.clock.now()) {
            return Ok(());
        }
        match message {
            Some(message) => self.take_up(delivery, message, sweep).await,
            None => self.answer_again(delivery, sweep).await,
        }
    }

    async fn take_up(
        &self,
        mut delivery: Delivery,
        message: DeliveryMessage,
        sweep: &mut Sweep,
    ) -> Result<(), AppError> {
        let now = self.clock.now();
        let Verdict::Interrupted { attempts, reply } = delivery.verdict.clone() else {
            return Ok(());
        };
        if now.duration_since(delivery.received_at) > Delivery::TRIED_FOR {
            delivery.verdict = match reply {
                Some(reply) => Verdict::Refused {
                    refusal: Refusal::GivenUp,
                    reply: Some(reply),
                },
                None => Verdict::Failed,
            };
            let words = delivery.verdict.has_words();
            // The day in which the answer is tried begins now.
            delivery.received_at = now;
            delivery.due_at = words.then(|| now + Delivery::FIRST_LOOK);
            self.store.record_delivery(&delivery, now).await?;
            sweep.settled += 1;
            tracing::error!(metric.DeliveriesLost = 1_u64, "a delivery was given up");
            return Ok(());
        }
        let wait = WAIT.saturating_mul(1_i32.checked_shl(attempts.min(6)).unwrap_or(1));
        delivery.due_at = Some(now + wait);
        self.store
            .interrupt_delivery(&delivery, &message, now)
            .await?;
        let group = message.group(&delivery.tenant);
        self.deliveries.send(&message, Some(&group)).await?;
        sweep.taken_up += 1;
        tracing::info!(
            metric.SweepResumed = 1_u64,
            dimension.What = "delivery",
            "a delivery was taken up again"
        );
        Ok(())
    }

    async fn answer_again(
        &self,
        mut delivery: Delivery,
        sweep: &mut Sweep,
    ) -> Result<(), AppError> {
        let answering = delivery.due_to_answer(self.clock.now());
        self.store.move_answer(&delivery).await?;
        sweep.settled += 1;
        match answering {
            Answering::Again => tracing::info!("an answer is offered to be told again"),
            Answering::GivenUp => {
                tracing::error!(metric.AnswersLost = 1_u64, "nobody could be told an answer");
            }
        }
        Ok(())
    }
}
