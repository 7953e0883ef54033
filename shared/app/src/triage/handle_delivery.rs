//! Handles one delivery: decides, acts, and puts the verdict on record once its effects are durable.

use contract::{DeliveryBody, DeliveryMessage};
use domain::{Delivery, DeliveryKey, InboundEvent, InstallationId, StepName, TenantId, Verdict};
use jiff::SignedDuration;
use store::Recorded;
use tracing::{Instrument as _, field::Empty};

use super::{Triage, trace::Trace};
use crate::AppError;

/// How long the queue may try by itself before the scheduler takes an interrupted delivery up: five
/// receives of three minutes each.
const TAKE_UP_AFTER: SignedDuration = SignedDuration::from_mins(16);

/// What became of a delivery this time.
#[derive(Debug)]
pub enum Triaged {
    /// It was decided now.
    Decided(Box<Delivery>),
    /// It had been decided before.
    Duplicate(Box<Delivery>),
    /// It can ask for nothing, so nothing is put on record. `webhook` lets most of these through to nobody;
    /// what it is not sure of comes here.
    Irrelevant,
}

impl Triage {
    /// Handles one delivery. It may be called any number of times, at once or after a crash between any two
    /// of its steps: the run is found again by the delivery that started it, the job may be queued twice,
    /// and the verdict is the last thing written.
    ///
    /// On an error the delivery is left on record as interrupted, if the table can be reached, and the caller
    /// leaves the message in its queue.
    pub async fn handle_delivery(&self, message: &DeliveryMessage) -> Result<Triaged, AppError> {
        let mut trace = Trace::new(self.clock.clone());
        trace.note(StepName::Verified, "the signature holds");
        let Some(body) = self.body(message).await? else {
            trace.note(StepName::Parsed, "the stored body is gone");
            return self
                .conclude(message, InstallationId(0), Verdict::Rejected, &trace)
                .await;
        };
        let event = match ingress::github::parse(&message.event, &body) {
            Ok(event) => event,
            Err(error) => {
                trace.note(StepName::Parsed, error.to_string());
                return self
                    .conclude(message, InstallationId(0), Verdict::Rejected, &trace)
                    .await;
            }
        };
        if event.kind.asks_for_nothing() {
            return Ok(Triaged::Irrelevant);
        }
        trace.note(StepName::Parsed, format!("event {}", message.event));
        self.handle_event(message, event, trace).await
    }

    async fn handle_event(
        &self,
        message: &DeliveryMessage,
        event: InboundEvent,
        mut trace: Trace,
    ) -> Result<Triaged, AppError> {
        let installation = event.installation.unwrap_or(InstallationId(0));
        let key = delivery_key(message, installation);
        let earlier = self.store.delivery(&key, self.clock.now()).await?;
        let attempts = match earlier {
            Some(Delivery {
                verdict: Verdict::Interrupted { attempts },
                ..
            }) => attempts,
            Some(delivery) => return Ok(Triaged::Duplicate(Box::new(delivery))),
            None => 0,
        };
        trace.note(StepName::Deduplicated, "the first of its kind");
        let span = tracing::info_span!("decide", run.id = Empty, job.id = Empty);
        let decided = self.decide(&key, event, message, &mut trace);
        match decided.instrument(span).await {
            Ok(verdict) => self.conclude(message, installation, verdict, &trace).await,
            Err(error) => {
                trace.note(StepName::Interrupted, "something outside did not answer");
                self.interrupt(message, installation, attempts + 1, &trace)
                    .await;
                Err(error)
            }
        }
    }

    async fn body(&self, message: &DeliveryMessage) -> Result<Option<Vec<u8>>, AppError> {
        match &message.body {
            // A damaged body reads as an empty one, which then is rejected as not understood.
            DeliveryBody::Inline { data } => Ok(Some(
                data.unpack(DeliveryMessage::BODY_LIMIT).unwrap_or_default(),
            )),
            DeliveryBody::Stored { key } => {
                Ok(self.blobs.get(key, DeliveryMessage::BODY_LIMIT).await?)
            }
        }
    }

    async fn conclude(
        &self,
        message: &DeliveryMessage,
        installation: InstallationId,
        verdict: Verdict,
        trace: &Trace,
    ) -> Result<Triaged, AppError> {
        let delivery = self.record_of(message, installation, verdict, trace);
        match self
            .store
            .record_delivery(&delivery, self.clock.now())
            .await?
        {
            Recorded::First => Ok(Triaged::Decided(Box::new(delivery))),
            Recorded::Already(earlier) => Ok(Triaged::Duplicate(earlier)),
        }
    }

    async fn interrupt(
        &self,
        message: &DeliveryMessage,
        installation: InstallationId,
        attempts: u32,
        trace: &Trace,
    ) {
        let now = self.clock.now();
        let verdict = Verdict::Interrupted { attempts };
        let delivery = self.record_of(message, installation, verdict, trace);
        let due = now + TAKE_UP_AFTER;
        if let Err(error) = self
            .store
            .interrupt_delivery(&delivery, message, due, now)
            .await
        {
            // The message is still in its queue, which is what makes this harmless.
            tracing::warn!(%error, "an interruption could not be recorded");
        }
    }

    fn record_of(
        &self,
        message: &DeliveryMessage,
        installation: InstallationId,
        verdict: Verdict,
        trace: &Trace,
    ) -> Delivery {
        Delivery {
            key: delivery_key(message, installation),
            tenant: self.tenant().clone(),
            trace: message.trace.clone(),
            received_at: message.received_at,
            verdict,
            steps: trace.steps(),
        }
    }

    fn tenant(&self) -> &TenantId {
        self.connections.tenant()
    }
}

fn delivery_key(message: &DeliveryMessage, installation: InstallationId) -> DeliveryKey {
    DeliveryKey {
        provider: message.provider,
        installation,
        id: message.delivery.clone(),
    }
}
