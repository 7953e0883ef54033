//! Resumes a delivery that was interrupted, or whose answer nobody was told of.

use contract::DeliveryMessage;
use domain::{Answering, Delivery, DeliveryKey, Refusal, Reply, Say, SharedClock, Trying, Verdict};
use jiff::SignedDuration;
use policy::Tick;
use queues::Queue;
use runs::{AppError, run_log::record_delivery_ids};
use store::{Spoken, Store, Versioned};

/// The wait before the second time a delivery is tried, unless it is put on record with another one; it
/// doubles from there.
const WAIT: SignedDuration = SignedDuration::from_mins(16);

/// What was done for a delivery that was due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResumedDelivery {
    /// It is not due any more.
    NotDue,
    /// It was sent through the queue again.
    Resent,
    /// It was brought up to date otherwise.
    Settled,
}

/// Deliveries that wait: for another try, or for their answer to be told.
#[derive(Clone, Debug)]
pub struct WaitingDeliveries {
    store: Store,
    queue: Queue<DeliveryMessage>,
    clock: SharedClock,
}

impl WaitingDeliveries {
    /// Those in `store`; the ones to try again go into `queue`.
    pub const fn new(store: Store, queue: Queue<DeliveryMessage>, clock: SharedClock) -> Self {
        Self {
            store,
            queue,
            clock,
        }
    }

    /// Sends an interrupted delivery through the queue again, or gives it up after a day; offers an answer to
    /// the stream again, or gives that up. Nothing is decided here: what comes through the queue again is decided on
    /// anew.
    pub async fn resume_delivery(
        &self,
        _tick: &Tick,
        key: &DeliveryKey,
    ) -> Result<ResumedDelivery, AppError> {
        let Some((read, message)) = self.store.due_delivery(key).await? else {
            return Ok(ResumedDelivery::NotDue);
        };
        let delivery = read.value();
        record_delivery_ids(delivery);
        // The index lags, so whether it really is due is decided on the record itself.
        if delivery.due_at.is_some_and(|due| due > self.clock.now()) {
            return Ok(ResumedDelivery::NotDue);
        }
        match message {
            Some(message) => self.try_again(&read, message).await,
            None => self.answer_again(read.into_value()).await,
        }
    }

    async fn try_again(
        &self,
        read: &Versioned<Delivery>,
        message: DeliveryMessage,
    ) -> Result<ResumedDelivery, AppError> {
        let (now, mut delivery) = (self.clock.now(), read.value().clone());
        let Verdict::Interrupted {
            attempts,
            reply,
            intent,
        } = delivery.verdict.clone()
        else {
            return Ok(ResumedDelivery::NotDue);
        };
        match delivery.trying(now) {
            Trying::Again => {}
            // What is on record to be done is done, however long that takes: nobody may be told that it is not.
            Trying::LastAttempt | Trying::GivenUp if intent.is_some() => {}
            Trying::LastAttempt => return Ok(ResumedDelivery::NotDue),
            Trying::GivenUp => return self.give_up(read, reply).await,
        }
        let wait = WAIT.saturating_mul(1_i32.checked_shl(attempts.min(6)).unwrap_or(1));
        delivery.due_at = Some(now + wait);
        self.store
            .interrupt_delivery(Some(read), &delivery, &message, now)
            .await?;
        let group = message.group(delivery.key.tenant());
        self.queue.send(&message, Some(&group)).await?;
        tracing::info!(
            metric.SweepResumed = 1_u64,
            dimension.What = "delivery",
            "a delivery was resumed"
        );
        Ok(ResumedDelivery::Resent)
    }

    async fn give_up(
        &self,
        read: &Versioned<Delivery>,
        reply: Option<Box<Reply>>,
    ) -> Result<ResumedDelivery, AppError> {
        let (now, mut delivery) = (self.clock.now(), read.value().clone());
        delivery.verdict = match reply {
            Some(mut reply) => {
                // Whether whoever asked may do so was never found out.
                let (connection, id) = (reply.subject.connection(), delivery.key.id());
                let spoken = self.store.answer_stranger(connection, id, now).await?;
                if spoken == Spoken::Before {
                    reply.say = Say::Sign;
                }
                Verdict::Refused {
                    refusal: Refusal::GivenUp,
                    reply: Some(reply),
                }
            }
            None => Verdict::Failed,
        };
        let words = delivery.verdict.has_words();
        // The day in which the answer is tried begins now.
        delivery.received_at = now;
        delivery.due_at = words.then(|| now + Delivery::FIRST_LOOK);
        self.store.swap_delivery(Some(read), &delivery, now).await?;
        tracing::error!(metric.DeliveriesLost = 1_u64, "a delivery was given up");
        Ok(ResumedDelivery::Settled)
    }

    async fn answer_again(&self, mut delivery: Delivery) -> Result<ResumedDelivery, AppError> {
        let answering = delivery.due_to_answer(self.clock.now());
        self.store.move_answer(&delivery).await?;
        match answering {
            Answering::Again => tracing::info!("an answer is offered to be told again"),
            Answering::GivenUp => {
                tracing::error!(metric.AnswersLost = 1_u64, "nobody could be told an answer");
            }
        }
        Ok(ResumedDelivery::Settled)
    }
}
