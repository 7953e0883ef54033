//! Webhooks to send and sent. A delivery without a status has not been answered yet.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::db::next_id;
use crate::error::Error;

/// One attempt to send a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Unique over all objects; each attempt has its own.
    pub id: u64,
    /// The `X-GitHub-Delivery` header; a redelivery has the same.
    pub guid: String,
    /// The `X-GitHub-Event` header.
    pub event: String,
    /// The `action` of the payload, if it has one.
    pub action: Option<String>,
    /// The installation it is about.
    pub installation_id: Option<u64>,
    /// The repository it is about.
    pub repository_id: Option<u64>,
    /// Whether it repeats an earlier attempt.
    pub redelivery: bool,
    /// The JSON text.
    pub payload: String,
    /// Seconds since 1970 at which the event happened.
    pub created_at: i64,
    /// Seconds since 1970 at which it was sent; `None` while pending.
    pub delivered_at: Option<i64>,
    /// Milliseconds until the answer.
    pub duration_ms: Option<u64>,
    /// `OK` for 2xx, `inactive` if the app had no address, else what went wrong; `None` while
    /// pending.
    pub status: Option<String>,
    /// Status that was answered; 502 and 504 stand for no connection and no answer in time. `None`
    /// while pending and if it was not sent at all; then nobody finds it in the API's list.
    pub status_code: Option<u16>,
    /// Headers that were sent, as a JSON object.
    pub request_headers: Option<String>,
    /// Headers that were answered, as a JSON object.
    pub response_headers: Option<String>,
    /// Body that was answered, its beginning at least.
    pub response_body: Option<String>,
}

/// The status of what is not sent.
const INACTIVE: &str = "inactive";

/// What came of an attempt.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub(crate) delivered_at: i64,
    pub(crate) duration_ms: u64,
    pub(crate) status: String,
    pub(crate) status_code: u16,
    pub(crate) request_headers: String,
    pub(crate) response_headers: String,
    pub(crate) response_body: String,
}

/// What a new delivery is made of.
pub(crate) struct NewDelivery<'a> {
    pub(crate) guid: &'a str,
    pub(crate) event: &'a str,
    pub(crate) action: Option<&'a str>,
    pub(crate) installation_id: Option<u64>,
    pub(crate) repository_id: Option<u64>,
    pub(crate) redelivery: bool,
    /// Whether it is to be sent at all.
    pub(crate) active: bool,
    pub(crate) payload: &'a str,
    pub(crate) now: i64,
}

fn delivery(row: &Row<'_>) -> rusqlite::Result<Delivery> {
    Ok(Delivery {
        id: row.get("id")?,
        guid: row.get("guid")?,
        event: row.get("event")?,
        action: row.get("action")?,
        installation_id: row.get("installation_id")?,
        repository_id: row.get("repository_id")?,
        redelivery: row.get("redelivery")?,
        payload: row.get("payload")?,
        created_at: row.get("created_at")?,
        delivered_at: row.get("delivered_at")?,
        duration_ms: row.get("duration_ms")?,
        status: row.get("status")?,
        status_code: row.get("status_code")?,
        request_headers: row.get("request_headers")?,
        response_headers: row.get("response_headers")?,
        response_body: row.get("response_body")?,
    })
}

fn list(db: &Connection, condition: &str) -> Result<Vec<Delivery>, Error> {
    let mut statement = db.prepare_cached(&format!("SELECT * FROM delivery {condition}"))?;
    let rows = statement.query_map([], delivery)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Every delivery, oldest first.
pub(crate) fn all(db: &Connection) -> Result<Vec<Delivery>, Error> {
    list(db, "ORDER BY id")
}

/// The deliveries not answered yet, oldest first.
pub(crate) fn pending(db: &Connection) -> Result<Vec<Delivery>, Error> {
    list(db, "WHERE status IS NULL ORDER BY id")
}

/// Which answered deliveries are asked for, newest first.
pub(crate) struct Page {
    /// Only deliveries with smaller ids.
    pub(crate) before: u64,
    pub(crate) limit: u64,
    /// Smallest and largest status.
    pub(crate) codes: (u16, u16),
    /// Seconds since 1970; older ones are kept no longer.
    pub(crate) since: i64,
}

/// A page of answered deliveries.
pub(crate) fn page(db: &Connection, page: &Page) -> Result<Vec<Delivery>, Error> {
    let sql = "SELECT * FROM delivery WHERE status IS NOT NULL AND id < ?1 AND created_at >= ?2
               AND status_code BETWEEN ?3 AND ?4 ORDER BY id DESC LIMIT ?5";
    let mut statement = db.prepare_cached(sql)?;
    let before = i64::try_from(page.before).unwrap_or(i64::MAX);
    let (smallest, largest) = page.codes;
    let values = params![before, page.since, smallest, largest, page.limit];
    let rows = statement.query_map(values, delivery)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The delivery of this id, or [`Error::NotFound`].
pub(crate) fn find(db: &Connection, id: u64) -> Result<Delivery, Error> {
    let sql = "SELECT * FROM delivery WHERE id = ?1";
    db.query_row(sql, [id], delivery)
        .optional()?
        .ok_or(Error::NotFound)
}

/// The newest delivery of this GUID, or [`Error::NotFound`].
pub(crate) fn by_guid(db: &Connection, guid: &str) -> Result<Delivery, Error> {
    let sql = "SELECT * FROM delivery WHERE guid = ?1 ORDER BY id DESC LIMIT 1";
    db.query_row(sql, [guid], delivery)
        .optional()?
        .ok_or(Error::NotFound)
}

/// Makes a delivery, which is pending if it is to be sent.
pub(crate) fn insert(db: &Connection, new: &NewDelivery<'_>) -> Result<u64, Error> {
    let id = next_id(db)?;
    db.execute(
        "INSERT INTO delivery (id, guid, event, action, installation_id, repository_id, redelivery,
                               payload, created_at, status)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            id,
            new.guid,
            new.event,
            new.action,
            new.installation_id,
            new.repository_id,
            new.redelivery,
            new.payload,
            new.now,
            (!new.active).then_some(INACTIVE),
        ],
    )?;
    Ok(id)
}

/// Records what came of it.
pub(crate) fn finish(db: &Connection, id: u64, outcome: &Outcome) -> Result<(), Error> {
    db.execute(
        "UPDATE delivery SET delivered_at = ?2, duration_ms = ?3, status = ?4, status_code = ?5,
                request_headers = ?6, response_headers = ?7, response_body = ?8
         WHERE id = ?1 AND status IS NULL",
        params![
            id,
            outcome.delivered_at,
            outcome.duration_ms,
            outcome.status,
            outcome.status_code,
            outcome.request_headers,
            outcome.response_headers,
            outcome.response_body,
        ],
    )?;
    Ok(())
}
