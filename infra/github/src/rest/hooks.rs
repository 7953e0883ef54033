//! The webhooks that were sent, and sending one again.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::extract::{Asking, At, Params};
use super::paging::per_page;
use crate::actions::announce;
use crate::error::Error;
use crate::hub::Hub;
use crate::state::deliveries::{self, Delivery};
use crate::text::time;

/// `GET /app/hook/deliveries`
pub(super) async fn list(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
    params: Params,
) -> Result<(HeaderMap, Json<Vec<Value>>), Error> {
    caller.require_app()?;
    let limit = per_page(&params);
    let before = params.number("cursor", u64::MAX);
    let page = hub
        .read(move |act| deliveries::page(act.db, before, limit))
        .await?;
    let mut headers = HeaderMap::new();
    let full = u64::try_from(page.len()).unwrap_or(u64::MAX) == limit;
    if let (true, Some(last)) = (full, page.last()) {
        let url = format!("{}/app/hook/deliveries", hub.site.api());
        let link = format!("<{url}?per_page={limit}&cursor={}>; rel=\"next\"", last.id);
        if let Ok(link) = HeaderValue::from_str(&link) {
            headers.insert(header::LINK, link);
        }
    }
    Ok((headers, Json(page.iter().map(brief).collect())))
}

/// `GET /app/hook/deliveries/{id}`
pub(super) async fn show(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
    At(id): At<u64>,
) -> Result<Json<Value>, Error> {
    caller.require_app()?;
    let delivery = hub.read(move |act| deliveries::find(act.db, id)).await?;
    let payload: Value = serde_json::from_str(&delivery.payload)?;
    let headers = |text: &Option<String>| {
        let parsed = text
            .as_deref()
            .and_then(|text| serde_json::from_str::<Value>(text).ok());
        parsed.unwrap_or_else(|| json!({}))
    };
    let mut value = brief(&delivery);
    value["request"] = json!({
        "headers": headers(&delivery.request_headers),
        "payload": payload,
    });
    value["response"] = json!({
        "headers": headers(&delivery.response_headers),
        "payload": delivery.response_body,
    });
    Ok(Json(value))
}

/// `POST /app/hook/deliveries/{id}/attempts`
pub(super) async fn redeliver(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
    At(id): At<u64>,
) -> Result<(StatusCode, Json<Value>), Error> {
    caller.require_app()?;
    hub.write(move |act| announce::again(act, &deliveries::find(act.db, id)?))
        .await?;
    Ok((StatusCode::ACCEPTED, Json(json!({}))))
}

fn brief(delivery: &Delivery) -> Value {
    let milliseconds = delivery.duration_ms.unwrap_or(0);
    json!({
        "id": delivery.id,
        "guid": delivery.guid,
        "delivered_at": time(delivery.delivered_at.unwrap_or(delivery.created_at)),
        "redelivery": delivery.redelivery,
        "duration": std::time::Duration::from_millis(milliseconds).as_secs_f64(),
        "status": delivery.status,
        "status_code": delivery.status_code,
        "event": delivery.event,
        "action": delivery.action,
        "installation_id": delivery.installation_id,
        "repository_id": delivery.repository_id,
        "throttled_at": null,
    })
}
