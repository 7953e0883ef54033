//! From verified bytes to a durable message.

use bytes::Bytes;
use domain::{DeliveryId, TraceId};
use http::HeaderMap;
use ingress::github;

use crate::{Webhook, message, refusal::Refusal};

/// A request that was accepted, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Accepted {
    pub(crate) delivery: DeliveryId,
    pub(crate) event: String,
    pub(crate) effect: Effect,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It is in the queue.
    Queued { trace: TraceId, message: String },
    /// It asks whether anybody is here.
    Answered,
    /// It never starts work.
    Ignored,
}

impl Webhook {
    /// Accepts a request, or leaves nothing behind that anybody would act on.
    pub(crate) async fn accept(
        &self,
        headers: &HeaderMap,
        body: &Bytes,
    ) -> Result<Accepted, Refusal> {
        let verified = github::verify(&self.secrets, headers, body)?;
        let (delivery, event) = (verified.delivery.clone(), verified.event.clone());
        let effect = if github::is_relevant(&event) {
            self.queue(verified).await?
        } else if event == "ping" {
            Effect::Answered
        } else {
            Effect::Ignored
        };
        Ok(Accepted {
            delivery,
            event,
            effect,
        })
    }

    async fn queue(&self, verified: github::Verified) -> Result<Effect, Refusal> {
        let trace = TraceId::mint(self.random.as_ref());
        let message =
            message::build(verified, trace.clone(), self.clock.now(), &self.bodies).await?;
        // There is one tenant per secret, and so far one secret: no group would tell messages apart.
        let message = self.deliveries.send(&message, None).await?;
        Ok(Effect::Queued { trace, message })
    }
}
