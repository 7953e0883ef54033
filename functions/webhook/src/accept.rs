//! From verified bytes to a durable message.

use bytes::Bytes;
use contract::log_fields;
use domain::{DeliveryId, TraceId};
use http::HeaderMap;
use ingress::github;
use tracing::Span;

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
    Queued { message: String },
    /// It asks whether anybody is here.
    Answered,
    /// It can ask for nothing.
    Ignored,
}

impl Webhook {
    /// Begins the trace of a request, which is that of everything that comes of it.
    pub(crate) fn begin(&self) -> TraceId {
        let trace = TraceId::mint(self.random.as_ref());
        let span = Span::current();
        span.record(log_fields::TRACE_ID, trace.as_str());
        span.record("otel.key", "delivery");
        trace
    }

    /// Accepts a request, or leaves nothing behind that anybody would act on.
    pub(crate) async fn accept(
        &self,
        trace: TraceId,
        headers: &HeaderMap,
        body: &Bytes,
    ) -> Result<Accepted, Refusal> {
        let verified = github::verify(&self.secrets, headers, body)?;
        let (delivery, event) = (verified.delivery().clone(), verified.event().to_owned());
        // Not before: others could put any id into the log.
        Span::current().record(log_fields::DELIVERY_ID, delivery.as_str());
        let vocabulary = engine::built_in().vocabulary();
        let effect = if event == "ping" {
            Effect::Answered
        } else if github::asks_for_nothing(&event, verified.document(), vocabulary) {
            Effect::Ignored
        } else {
            self.queue(trace, &verified).await?
        };
        Ok(Accepted {
            delivery,
            event,
            effect,
        })
    }

    async fn queue(&self, trace: TraceId, verified: &github::Verified) -> Result<Effect, Refusal> {
        let source = github::source(verified.document());
        let now = self.clock.now();
        let message = message::build(verified, source, trace, now, &self.bodies).await?;
        let group = message.first_group();
        let message = self.deliveries.send(&message, Some(&group)).await?;
        Ok(Effect::Queued { message })
    }
}
