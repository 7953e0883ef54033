//! Handles one delivery: decides, acts, and puts the verdict on record once its effects are durable.

use std::{pin::Pin, time::Duration};

use contract::{DeliveryBody, DeliveryMessage, Proven};
use domain::{Connection, Delivery, DeliveryKey, InboundEvent, Provider, StepName, Verdict};
use jiff::SignedDuration;
use runs::{AppError, OpenDelivery, Retry};
use store::Swap;
use tracing::{Instrument as _, field::Empty};

use crate::{Triage, handled::Handled, pass::Pass, request::Request, trace::Trace};

/// How often to look again when another one deals with the same delivery.
pub(crate) const TRIES: usize = 5;
/// A wait that the provider asks for is waited here if it is no longer, and else on record.
const SHORT: SignedDuration = SignedDuration::from_secs(8);

/// What became of a delivery this time.
#[derive(Debug)]
pub enum Triaged {
    /// It was decided now.
    Decided(Box<Delivery>),
    /// It had been decided before.
    Duplicate(Box<Delivery>),
    /// It stopped half-way and is on record with all that is needed to take it up again.
    Interrupted(Box<Delivery>),
    /// It can ask for nothing, so nothing is put on record. `webhook` lets most of these through to nobody;
    /// what it is not sure of comes here.
    Irrelevant,
    /// It is for no connection, so it is nobody's and nothing is put on record.
    Unclaimed,
}

impl Triage {
    /// How long one delivery may take. What is left of the function's time is enough to put on record that it
    /// was not.
    pub const WITHIN: Duration = Duration::from_secs(17);

    /// Handles one delivery, in at most the time `within` and one write. It may be called any number of times,
    /// at once or after a crash between any two of its steps: what it is about to do is on record before the first of
    /// its effects, and whoever finds that goes on with it.
    ///
    /// A delivery that stops half-way is put on record with its message, and the scheduler takes it up. If that
    /// is not possible either, it is an error, and the caller leaves the message in its queue.
    pub async fn handle_delivery(
        &self,
        message: &DeliveryMessage,
        within: Duration,
    ) -> Result<Triaged, AppError> {
        let mut pass = Pass {
            trace: Trace::new(self.clock.clone()),
            key: None,
            read: None,
            request: None,
        };
        // The type of everything below would be too deep for the compiler.
        let attempt: Pin<Box<dyn Future<Output = _> + Send + '_>> =
            Box::pin(self.attempt(message, &mut pass));
        let done = tokio::time::timeout(within, attempt).await;
        match done.unwrap_or(Err(AppError::OutOfTime)) {
            Ok(triaged) => Ok(triaged),
            Err(error) => self.stopped(message, pass, error).await,
        }
    }

    async fn attempt(
        &self,
        message: &DeliveryMessage,
        pass: &mut Pass,
    ) -> Result<Triaged, AppError> {
        pass.trace.note(StepName::Verified, "the signature holds");
        let Some(connection) = self.connection(message) else {
            return Ok(Triaged::Unclaimed);
        };
        let key = DeliveryKey::by(&connection, message.delivery.clone());
        let read = self.body(message).await?.and_then(|body| {
            let event = match message.proven.provider() {
                Provider::Github => ingress::github::parse(&message.event, &body),
            };
            event.map_err(|error| error.to_string())
        });
        let event = match read {
            Ok(event) => event,
            Err(why) => {
                pass.trace.note(StepName::Parsed, why);
                return self.reject(message, key, pass).await;
            }
        };
        if event.asks_for_nothing(self.definitions.vocabulary()) {
            return Ok(Triaged::Irrelevant);
        }
        pass.trace
            .note(StepName::Parsed, format!("event {}", message.event));
        self.handle_event(message, &connection, event, pass).await
    }

    /// The connection that a delivery came through: what its signature proves decides.
    fn connection(&self, message: &DeliveryMessage) -> Option<Connection> {
        let Proven::App {
            provider,
            installation,
        } = message.proven;
        Some(self.connections.of_app(provider, installation?))
    }

    /// Bytes that cannot be understood are no better when they come again.
    async fn reject(
        &self,
        message: &DeliveryMessage,
        key: DeliveryKey,
        pass: &mut Pass,
    ) -> Result<Triaged, AppError> {
        let rejected = self.conclude(message, key.clone(), Verdict::Rejected, pass);
        if let Some(triaged) = rejected.await? {
            return Ok(triaged);
        }
        let earlier = self.store.delivery(&key, self.clock.now()).await?;
        let earlier = earlier.ok_or(AppError::Contended)?;
        Ok(Triaged::Duplicate(Box::new(earlier)))
    }

    async fn handle_event(
        &self,
        message: &DeliveryMessage,
        connection: &Connection,
        event: InboundEvent,
        pass: &mut Pass,
    ) -> Result<Triaged, AppError> {
        let key = DeliveryKey::by(connection, message.delivery.clone());
        pass.key = Some(key.clone());
        for _ in 0..TRIES {
            let now = self.clock.now();
            pass.read = self.store.versioned_delivery(&key, now).await?;
            if let Some(done) = pass.decided(now) {
                return Ok(Triaged::Duplicate(Box::new(done)));
            }
            pass.trace
                .note(StepName::Deduplicated, "the first of its kind");
            let handled = self.judge(message, connection, event.clone(), pass).await?;
            match handled {
                Handled::Recorded(delivery) => return Ok(Triaged::Decided(delivery)),
                Handled::Resumed(delivery) => return Ok(Triaged::Duplicate(delivery)),
                Handled::Verdict(verdict, steps) => {
                    pass.trace.set(steps);
                    let concluded = self.conclude(message, key.clone(), verdict, pass).await?;
                    if let Some(triaged) = concluded {
                        return Ok(triaged);
                    }
                }
                Handled::Raced => {}
            }
            pass.trace = Trace::new(self.clock.clone());
        }
        Err(AppError::Contended)
    }

    /// Decides on the request in an event. A short wait that the provider asks for is made at once: somebody is
    /// looking at the comment.
    async fn judge(
        &self,
        message: &DeliveryMessage,
        connection: &Connection,
        event: InboundEvent,
        pass: &mut Pass,
    ) -> Result<Handled, AppError> {
        let vocabulary = self.definitions.vocabulary();
        let Some(request) = Request::of(event, vocabulary, connection, message.received_at) else {
            pass.trace.note(StepName::Matched, "it holds no command");
            return Ok(Handled::Verdict(Verdict::Ignored, pass.trace.steps()));
        };
        let request = pass.request.insert(request);
        let key = DeliveryKey::by(connection, message.delivery.clone());
        loop {
            let span = tracing::info_span!("decide", run.id = Empty, job.id = Empty);
            let mut record = OpenDelivery::new(
                pass.read.clone(),
                self.record_of(message, key.clone(), Verdict::Ignored, &pass.trace),
            );
            let decided = self.decide(request, connection, message, &mut record);
            let decided = Box::pin(decided.instrument(span)).await;
            pass.read = record.read().cloned();
            pass.trace.set(record.delivery().steps.clone());
            let error = match decided {
                Ok(handled) => return Ok(handled),
                Err(error) => error,
            };
            let wait = match error.retry() {
                Retry::At(until) => until.duration_since(self.clock.now()),
                Retry::Later | Retry::Never => return Err(error),
            };
            if wait > SHORT {
                return Err(error);
            }
            tokio::time::sleep(wait.unsigned_abs()).await;
        }
    }

    /// The delivered document, or why there is none.
    async fn body(&self, message: &DeliveryMessage) -> Result<Result<Vec<u8>, String>, AppError> {
        match &message.body {
            DeliveryBody::Inline { data } => Ok(data
                .unpack(DeliveryMessage::BODY_LIMIT)
                .map_err(|error| error.to_string())),
            DeliveryBody::Stored { key } => {
                let got = self.blobs.get(key, DeliveryMessage::BODY_LIMIT).await;
                let got = got.map_err(|error| AppError::Unavailable {
                    reason: error.to_string(),
                })?;
                Ok(got.ok_or_else(|| "the stored body is gone".to_owned()))
            }
        }
    }

    /// Puts a verdict on record. None if another one deals with the delivery at the same time.
    pub(crate) async fn conclude(
        &self,
        message: &DeliveryMessage,
        key: DeliveryKey,
        verdict: Verdict,
        pass: &mut Pass,
    ) -> Result<Option<Triaged>, AppError> {
        let delivery = self.record_of(message, key, verdict, &pass.trace);
        let now = self.clock.now();
        let swap = self
            .store
            .swap_delivery(pass.read.as_ref(), &delivery, now)
            .await?;
        Ok(match swap {
            Swap::Written(_) => Some(Triaged::Decided(Box::new(delivery))),
            Swap::Newer(_) | Swap::Gone => None,
        })
    }

    pub(crate) fn record_of(
        &self,
        message: &DeliveryMessage,
        key: DeliveryKey,
        verdict: Verdict,
        trace: &Trace,
    ) -> Delivery {
        let answer = verdict.has_words();
        Delivery {
            key,
            trace: message.trace.clone(),
            received_at: message.received_at,
            verdict,
            steps: trace.steps(),
            due_at: answer.then(|| self.clock.now() + Delivery::FIRST_LOOK),
        }
    }
}
