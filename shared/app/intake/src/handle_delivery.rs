//! Handles one delivery: decides, acts, and puts the verdict on record once its effects are durable.

use std::{pin::Pin, time::Duration};

use contract::{DeliveryBody, DeliveryMessage, Proven};
use domain::{
    Connection, Delivery, DeliveryKey, InboundEvent, Provider, Refusal, Reply, StepName, Trying,
    Verdict,
};
use jiff::SignedDuration;
use runs::{AppError, Retry};
use store::Recorded;
use tracing::{Instrument as _, field::Empty};

use crate::{Triage, request::Request, trace::Trace};

/// The wait before an interrupted delivery is taken up the first time; it doubles from there.
const TAKE_UP_AFTER: SignedDuration = SignedDuration::from_mins(2);
/// The longest of these waits doubles this often.
const DOUBLINGS: u32 = 5;
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

/// What is known of a delivery so far, for whatever becomes of it.
#[derive(Debug)]
struct Pass {
    trace: Trace,
    key: Option<DeliveryKey>,
    attempts: u32,
    request: Option<Request>,
}

impl Triage {
    /// How long one delivery may take. What is left of the function's time is enough to put on record that it
    /// was not.
    pub const WITHIN: Duration = Duration::from_secs(17);

    /// Handles one delivery, in at most the time `within` and one write. It may be called any number of times,
    /// at once or after a crash between any two of its steps: the run is found again by the request that
    /// started it, the job may be queued twice, and the verdict is the last thing written.
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
            attempts: 0,
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
                return self
                    .conclude(message, key, Verdict::Rejected, &pass.trace)
                    .await;
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

    async fn handle_event(
        &self,
        message: &DeliveryMessage,
        connection: &Connection,
        event: InboundEvent,
        pass: &mut Pass,
    ) -> Result<Triaged, AppError> {
        let key = DeliveryKey::by(connection, message.delivery.clone());
        pass.key = Some(key.clone());
        let now = self.clock.now();
        if let Some(delivery) = self.store.delivery(&key, now).await? {
            match (&delivery.verdict, delivery.trying(now)) {
                (Verdict::Interrupted { attempts, .. }, Trying::Again) => pass.attempts = *attempts,
                _ => return Ok(Triaged::Duplicate(Box::new(delivery))),
            }
        }
        pass.trace
            .note(StepName::Deduplicated, "the first of its kind");
        let verdict = self.judge(message, connection, event, pass).await?;
        self.conclude(message, key, verdict, &pass.trace).await
    }

    /// Decides on the request in an event. A short wait that the provider asks for is made at once: somebody is
    /// looking at the comment.
    async fn judge(
        &self,
        message: &DeliveryMessage,
        connection: &Connection,
        event: InboundEvent,
        pass: &mut Pass,
    ) -> Result<Verdict, AppError> {
        let vocabulary = self.definitions.vocabulary();
        let Some(request) = Request::of(event, vocabulary, connection, message.received_at) else {
            pass.trace.note(StepName::Matched, "it holds no command");
            return Ok(Verdict::Ignored);
        };
        let request = pass.request.insert(request);
        loop {
            let span = tracing::info_span!("decide", run.id = Empty, job.id = Empty);
            let decided = self.decide(request, connection, message, &mut pass.trace);
            let error = match Box::pin(decided.instrument(span)).await {
                Ok(verdict) => return Ok(verdict),
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

    /// Ends a delivery that cannot be mended, with an answer where a person asked, and puts any other one on
    /// record to be taken up again.
    async fn stopped(
        &self,
        message: &DeliveryMessage,
        mut pass: Pass,
        error: AppError,
    ) -> Result<Triaged, AppError> {
        let Some(key) = pass.key else {
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
                return self.conclude(message, key, verdict, &pass.trace).await;
            }
            Retry::At(until) => until,
            Retry::Later => {
                let factor = 1_i32 << pass.attempts.min(DOUBLINGS);
                self.clock.now() + TAKE_UP_AFTER.saturating_mul(factor)
            }
        };
        pass.trace
            .note(StepName::Interrupted, "something outside did not answer");
        let attempts = pass.attempts + 1;
        let delivery = Delivery {
            due_at: Some(due),
            ..self.record_of(message, key, interrupted(attempts, reply), &pass.trace)
        };
        tracing::warn!(metric.HandlingFailed = 1_u64, %error, "a delivery was interrupted");
        self.interrupt(message, delivery, error).await
    }

    async fn interrupt(
        &self,
        message: &DeliveryMessage,
        delivery: Delivery,
        error: AppError,
    ) -> Result<Triaged, AppError> {
        let now = self.clock.now();
        let recorded = self.store.interrupt_delivery(&delivery, message, now).await;
        match recorded {
            Ok(Recorded::First) => Ok(Triaged::Interrupted(Box::new(delivery))),
            Ok(Recorded::Already(earlier)) => Ok(Triaged::Duplicate(earlier)),
            Err(unrecorded) => {
                // The message is still in its queue, which is what makes this harmless.
                tracing::warn!(error = %unrecorded, "an interruption could not be recorded");
                Err(error)
            }
        }
    }

    async fn conclude(
        &self,
        message: &DeliveryMessage,
        key: DeliveryKey,
        verdict: Verdict,
        trace: &Trace,
    ) -> Result<Triaged, AppError> {
        let delivery = self.record_of(message, key, verdict, trace);
        match self
            .store
            .record_delivery(&delivery, self.clock.now())
            .await?
        {
            Recorded::First => Ok(Triaged::Decided(Box::new(delivery))),
            Recorded::Already(earlier) => Ok(Triaged::Duplicate(earlier)),
        }
    }

    fn record_of(
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

fn interrupted(attempts: u32, reply: Option<Box<Reply>>) -> Verdict {
    Verdict::Interrupted { attempts, reply }
}
