//! The webhooks that were sent, and sending one again.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::extract::{Asking, At, Params};
use super::paging::per_page;
use crate::actions::{Act, announce};
use crate::error::Error;
use crate::hub::Hub;
use crate::state::deliveries::{self, Delivery, Page};
use crate::text::time;

/// Seconds for which deliveries are kept: three days.
const KEPT: i64 = 3 * 24 * 3_600;

/// What a cursor begins with, so that nobody takes it for an id.
const CURSOR: &str = "v1_";

/// `GET /app/hook/deliveries`
pub(super) async fn list(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
    params: Params,
) -> Result<(HeaderMap, Json<Vec<Value>>), Error> {
    caller.require_app()?;
    let limit = per_page(&params);
    let (before, codes) = (cursor(&params)?, codes(&params)?);
    let page = hub.read(move |act| {
        let page = Page {
            before,
            // One more tells whether there is another page.
            limit: limit + 1,
            codes,
            since: act.now - KEPT,
        };
        deliveries::page(act.db, &page)
    });
    let mut page = page.await?;
    let mut headers = HeaderMap::new();
    let size = usize::try_from(limit).unwrap_or(usize::MAX);
    if page.len() > size {
        page.truncate(size);
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("per_page", &limit.to_string());
        if let Some(status) = params.get("status") {
            query.append_pair("status", status);
        }
        let last = page.last().map_or(0, |one| one.id);
        query.append_pair("cursor", &format!("{CURSOR}{last}"));
        let url = format!("{}/app/hook/deliveries?{}", hub.site.api(), query.finish());
        if let Ok(link) = HeaderValue::from_str(&format!("<{url}>; rel=\"next\"")) {
            headers.insert(header::LINK, link);
        }
    }
    Ok((headers, Json(page.iter().map(brief).collect())))
}

/// Where the page begins: an opaque text that only the `Link` of the page before knows.
fn cursor(params: &Params) -> Result<u64, Error> {
    let Some(text) = params.get("cursor") else {
        return Ok(u64::MAX);
    };
    let number = text.strip_prefix(CURSOR).and_then(|text| text.parse().ok());
    number.ok_or_else(|| Error::Unprocessable("Invalid cursor".to_owned()))
}

fn codes(params: &Params) -> Result<(u16, u16), Error> {
    match params.get("status") {
        None => Ok((0, u16::MAX)),
        Some("success") => Ok((200, 399)),
        Some("failure") => Ok((400, 599)),
        Some(_) => Err(Error::Unprocessable("Invalid status".to_owned())),
    }
}

/// `GET /app/hook/deliveries/{id}`
pub(super) async fn show(
    State(hub): State<Arc<Hub>>,
    Asking(caller): Asking,
    At(id): At<u64>,
) -> Result<Json<Value>, Error> {
    caller.require_app()?;
    let delivery = hub.read(move |act| kept(act, id)).await?;
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
    hub.write(move |act| announce::again(act, &kept(act, id)?))
        .await?;
    Ok((StatusCode::ACCEPTED, Json(json!({}))))
}

/// The delivery of this id, if it was sent and is not too old.
fn kept(act: &Act<'_>, id: u64) -> Result<Delivery, Error> {
    let found = deliveries::find(act.db, id)?;
    if found.status_code.is_none() || found.created_at < act.now - KEPT {
        return Err(Error::NotFound);
    }
    Ok(found)
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
