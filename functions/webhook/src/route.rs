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
pub fn router(webhook: Webhook) -> Router {
    let routes = Router::new()
        .route("/webhooks/github", post(github))
        .layer(DefaultBodyLimit::max(DeliveryMessage::BODY_LIMIT))
        .with_state(Arc::new(webhook));
    kit::problem::complete(routes)
}

async fn github(
    State(webhook): State<Arc<Webhook>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let result = match body {
        Ok(body) => webhook.accept(&headers, &body).await,
        Err(BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_))) => {
            Err(Refusal::TooLarge)
        }
        Err(_) => Err(Refusal::Broken),
    };
    log(&result, &headers);
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

/// The one line about a request. Ids of a refused request come from headers nobody vouches for, so they
/// are only told when they have the shape of an id.
fn log(result: &Result<Accepted, Refusal>, headers: &HeaderMap) {
    match result {
        Ok(Accepted {
            delivery,
            event,
            effect: Effect::Queued { trace, message },
        }) => {
            let id = delivery.as_str();
            tracing::info!(delivery.id = id, event, %trace, message.id = message, "delivery {id} queued");
        }
        Ok(Accepted {
            delivery, event, ..
        }) => {
            let id = delivery.as_str();
            tracing::info!(delivery.id = id, event, "delivery {id} needs nothing");
        }
        Err(refusal) => {
            let id = claimed_id(headers);
            let id = id.as_ref().map_or("unknown", DeliveryId::as_str);
            if refusal.is_ours() {
                tracing::error!(delivery.id = id, %refusal, "delivery {id} not accepted");
            } else {
                tracing::warn!(delivery.id = id, %refusal, "delivery {id} refused");
            }
        }
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
