//! Ends a delivery that stopped half-way, or puts it on record to be taken up again.

use contract::DeliveryMessage;
use domain::{Delivery, Refusal, StepName, Verdict};
use jiff::SignedDuration;
use runs::{AppError, Retry};
use store::Swap;

use crate::{
    Triage,
    handle_delivery::{TRIES, Triaged},
    pass::{Pass, is_open},
    request::Request,
};

/// The wait before an interrupted delivery is taken up the first time; it doubles from there.
const TAKE_UP_AFTER: SignedDuration = SignedDuration::from_mins(2);
/// The longest of these waits doubles this often.
const DOUBLINGS: u32 = 5;

impl Triage {
    /// Ends a delivery that cannot be mended, with an answer where a person asked, and puts any other one on
    /// record to be taken up again. What it was about to do stays on record with it.
    pub(crate) async fn stopped(
        &self,
        message: &DeliveryMessage,
        mut pass: Pass,
        error: AppError,
    ) -> Result<Triaged, AppError> {
        let Some(key) = pass.key.clone() else {
            return Err(error);
        };
        let reply = pass.request.as_ref().map(Request::reply).map(Box::new);
        let due = match error.retry() {
            Retry::Never => {
                tracing::error!(metric.DeliveriesLost = 1_u64, %error, "a delivery cannot be decided");
                let broken = "it cannot be decided, however often it is tried";
                pass.trace.note(StepName::Interrupted, broken);
                let verdict = match &pass.request {
                    Some(request) => {
                        let delivery = &message.delivery;
                        self.turn_away(Refusal::Broken, delivery, request).await?
                    }
                    None => Verdict::Failed,
                };
                let concluded = self.conclude(message, key, verdict, &mut pass).await?;
                return concluded.ok_or(error);
            }
            Retry::At(until) => until,
            Retry::Later => {
                let factor = 1_i32 << pass.attempts().min(DOUBLINGS);
                self.clock.now() + TAKE_UP_AFTER.saturating_mul(factor)
            }
        };
        pass.trace
            .note(StepName::Interrupted, "something outside did not answer");
        let verdict = Verdict::Interrupted {
            attempts: pass.attempts() + 1,
            reply,
            intent: pass.intent().map(Box::new),
        };
        let delivery = Delivery {
            due_at: Some(due),
            ..self.record_of(message, key, verdict, &pass.trace)
        };
        tracing::warn!(metric.HandlingFailed = 1_u64, %error, "a delivery was interrupted");
        self.interrupt(message, &pass, delivery, error).await
    }

    /// Puts an interruption over what is on record, unless that is a verdict. What is on record to be done may be there
    /// without this process knowing: the answer to its own write may have been lost.
    async fn interrupt(
        &self,
        message: &DeliveryMessage,
        pass: &Pass,
        mut delivery: Delivery,
        error: AppError,
    ) -> Result<Triaged, AppError> {
        let mut read = pass.read.clone();
        for _ in 0..TRIES {
            let now = self.clock.now();
            let recorded = self
                .store
                .interrupt_delivery(read.as_ref(), &delivery, message, now)
                .await;
            match recorded {
                Ok(Swap::Written(_)) => return Ok(Triaged::Interrupted(Box::new(delivery))),
                Ok(Swap::Newer(newer)) if is_open(newer.value(), now) => {
                    if let Verdict::Interrupted { intent, .. } = &mut delivery.verdict {
                        *intent = newer.value().verdict.intent().map(Box::new);
                    }
                    read = Some(newer);
                }
                Ok(Swap::Newer(newer)) => {
                    return Ok(Triaged::Duplicate(Box::new(newer.into_value())));
                }
                Ok(Swap::Gone) => break,
                Err(unrecorded) => {
                    // The message is still in its queue, which is what makes this harmless.
                    tracing::warn!(error = %unrecorded, "an interruption could not be recorded");
                    break;
                }
            }
        }
        Err(error)
    }
}
