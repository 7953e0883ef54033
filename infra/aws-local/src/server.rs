//! From a request to its answer: record, strike with faults, perform.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use tokio_util::sync::CancellationToken;

use crate::access::Access;
use crate::calls::Calls;
use crate::exchange::{Exchange, Service};
use crate::faults::{AwsError, Effect, Faults};
use crate::meter::Meter;
use crate::{dynamo, s3, sqs};

/// What every request has at hand.
pub(crate) struct App {
    pub(crate) dynamo: dynamo::Engine,
    pub(crate) sqs: sqs::Engine,
    pub(crate) s3: s3::Engine,
    pub(crate) meter: Meter,
    pub(crate) calls: Calls,
    pub(crate) access: Access,
    pub(crate) faults: Faults,
    /// Cancelled when the endpoints stop; whoever waits must watch it.
    pub(crate) stop: CancellationToken,
}

/// Answers one request. Dropped by the server when the client goes away.
pub(crate) async fn handle(State(app): State<Arc<App>>, request: Request) -> Response {
    match Exchange::read(request).await {
        Ok(exchange) => app.answer(&exchange).await,
        Err(response) => response,
    }
}

impl App {
    async fn answer(&self, exchange: &Exchange) -> Response {
        if let Some(refusal) = self.access.refuse(exchange) {
            return refusal;
        }
        self.calls.record(exchange.calls());
        let effect = self
            .faults
            .strike(&exchange.target, &exchange.caller, &exchange.fields);
        match &effect {
            Some(Effect::Refuse(error)) => return exchange.refusal(error),
            Some(Effect::Hang) => {
                self.stop.cancelled().await;
                return exchange.refusal(&AwsError::internal());
            }
            Some(Effect::Hold(gate)) => {
                tokio::select! {
                    () = gate.pass() => {}
                    () = self.stop.cancelled() => return exchange.refusal(&AwsError::internal()),
                }
            }
            Some(Effect::HookBefore(hook)) => hook(&exchange.fields),
            Some(Effect::LoseAnswer(_) | Effect::HookAfter(_)) | None => {}
        }
        let response = self.perform(exchange).await;
        match effect {
            Some(Effect::LoseAnswer(error)) => exchange.refusal(&error),
            Some(Effect::HookAfter(hook)) => {
                hook(&exchange.fields);
                response
            }
            _ => response,
        }
    }

    async fn perform(&self, exchange: &Exchange) -> Response {
        match &exchange.service {
            Service::Dynamo => Box::pin(self.dynamo.answer(exchange, &self.meter)).await,
            Service::Sqs => Box::pin(self.sqs.answer(exchange, &self.meter)).await,
            Service::S3(operation) => {
                Box::pin(self.s3.answer(operation, exchange, &self.meter)).await
            }
        }
    }
}
