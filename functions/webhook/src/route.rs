//! The one route.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{
        DefaultBodyLimit, State,
        rejection::{BytesRejection, FailedToBufferBody},
    },
    response::{IntoResponse, Response},
    routing::post,
};
use bytes::Bytes;
use contract::DeliveryMessage;
use domain::DeliveryId;
use http::{HeaderMap, StatusCode};
use kit::Boundary;
use serde::Serialize;

use crate::{
    Webhook,
    accept::{Accepted, Effect},
    refusal::Refusal,
};

/// What the sender is told about an accepted delivery.
#[derive(Serialize)]
struct Receipt {
    delivery: DeliveryId,
    ignored: bool,
}

/// The function's routes: `POST /webhooks/github`, and problems for everything else.
pub fn router(webhook: Webhook, boundary: Boundary) -> Router {
    let routes = Router::new()
        .route("/webhooks/github", post(github))
        .layer(DefaultBodyLimit::max(DeliveryMessage::BODY_LIMIT))
        .with_state(Arc::new(webhook));
    boundary.around(routes)
}

async fn github(
    State(webhook): State<Arc<Webhook>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let trace = webhook.begin();
    // It comes from a header that nobody vouches for, so it is told only if it has the shape of an id.
    let id = claimed_id(&headers);
    let result = match body {
        Ok(body) => webhook.accept(trace, &headers, &body).await,
        Err(BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_))) => {
            Err(Refusal::TooLarge)
        }
        Err(_) => Err(Refusal::Broken),
    };
    log(&result, id.as_ref());
    match result {
        Ok(accepted) => accepted.into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

impl IntoResponse for Accepted {
    fn into_response(self) -> Response {
        let status = match self.effect {
            Effect::Answered => StatusCode::OK,
            Effect::Queued { .. } | Effect::Ignored => StatusCode::ACCEPTED,
        };
        let ignored = self.effect == Effect::Ignored;
        (
            status,
            Json(Receipt {
                delivery: self.delivery,
                ignored,
            }),
        )
            .into_response()
    }
}

/// What came of a request. The ids are in the span. Of a stranger's the line of the request says enough, if it gets one.
fn log(result: &Result<Accepted, Refusal>, id: Option<&DeliveryId>) {
    match result {
        Ok(Accepted {
            delivery,
            event,
            effect: Effect::Queued { message },
        }) => {
            tracing::info!(
                event,
                message.id = message,
                metric.DeliveriesAccepted = 1_u64,
                "delivery {delivery} queued"
            );
        }
        Ok(Accepted {
            delivery, event, ..
        }) => {
            tracing::info!(
                event,
                metric.DeliveriesIgnored = 1_u64,
                "delivery {delivery} needs nothing"
            );
        }
        Err(refusal) if refusal.stranger().is_none() => {
            let id = id.map_or("unknown", DeliveryId::as_str);
            if refusal.is_ours() {
                tracing::error!(
                    metric.DeliveriesRefused = 1_u64,
                    dimension.Fault = "ours",
                    %refusal,
                    "delivery {id} not accepted"
                );
            } else {
                tracing::warn!(
                    metric.DeliveriesRefused = 1_u64,
                    dimension.Fault = "theirs",
                    %refusal,
                    "delivery {id} refused"
                );
            }
        }
        Err(_) => {}
    }
}

fn claimed_id(headers: &HeaderMap) -> Option<DeliveryId> {
    headers
        .get("x-github-delivery")?
        .to_str()
        .ok()?
        .parse()
        .ok()
}
