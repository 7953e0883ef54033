//! Turning what happened into a pending webhook.

use serde_json::{Map, Value, json};

use super::Act;
use crate::error::Error;
use crate::shape;
use crate::state::accounts::Account;
use crate::state::deliveries::{self, NewDelivery};
use crate::state::refusals;
use crate::state::repositories::Repository;
use crate::text;

/// Queues a webhook about a repository, if the app is installed on it and subscribed.
/// `fields` is what the event carries besides the common fields.
pub(crate) fn about_repository(
    act: &Act<'_>,
    repository: &Repository,
    event: &str,
    action: Option<&str>,
    sender: &Account,
    fields: Value,
) -> Result<(), Error> {
    let Some(installation_id) = repository.installation_id else {
        return Ok(());
    };
    if refusals::suspended(act.db, installation_id)?.is_some() {
        return Ok(());
    }
    let subscribed = act.site.accepted().events;
    if !subscribed.iter().any(|subscribed| subscribed == event) {
        return Ok(());
    }
    let mut payload = object(action, fields);
    payload.insert("repository".into(), shape::repository(act.site, repository));
    payload.insert("sender".into(), shape::user(act.site, sender));
    let node_id = text::node_id("MDIz", installation_id);
    let installation = json!({"id": installation_id, "node_id": node_id});
    payload.insert("installation".into(), installation);
    queue(
        act,
        event,
        action,
        Some(installation_id),
        Some(repository.id),
        &payload,
    )
}

/// Queues a webhook about the app itself, which needs no subscription.
pub(crate) fn about_app(
    act: &Act<'_>,
    event: &str,
    action: Option<&str>,
    installation_id: Option<u64>,
    fields: Value,
) -> Result<(), Error> {
    queue(
        act,
        event,
        action,
        installation_id,
        None,
        &object(action, fields),
    )
}

fn object(action: Option<&str>, fields: Value) -> Map<String, Value> {
    let mut payload = Map::new();
    if let Some(action) = action {
        payload.insert("action".into(), action.into());
    }
    if let Value::Object(fields) = fields {
        payload.extend(fields);
    }
    payload
}

fn queue(
    act: &Act<'_>,
    event: &str,
    action: Option<&str>,
    installation_id: Option<u64>,
    repository_id: Option<u64>,
    payload: &Map<String, Value>,
) -> Result<(), Error> {
    let new = NewDelivery {
        guid: &text::guid()?,
        event,
        action,
        installation_id,
        repository_id,
        redelivery: false,
        active: act.site.hook_is_active(),
        payload: &serde_json::to_string(payload)?,
        now: act.now,
    };
    deliveries::insert(act.db, &new).map(drop)
}

/// Queues the same webhook again, with the same GUID as GitHub does.
pub(crate) fn again(act: &Act<'_>, former: &deliveries::Delivery) -> Result<u64, Error> {
    let new = NewDelivery {
        guid: &former.guid,
        event: &former.event,
        action: former.action.as_deref(),
        installation_id: former.installation_id,
        repository_id: former.repository_id,
        redelivery: true,
        active: act.site.hook_is_active(),
        payload: &former.payload,
        now: act.now,
    };
    deliveries::insert(act.db, &new)
}
