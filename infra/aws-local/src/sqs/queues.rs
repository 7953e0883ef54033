//! Making, finding, changing and removing queues.

use rusqlite::params;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Work;
use super::attributes::{COMPUTED, Settings, Texts, check, known};
use super::error::SqsError;
use super::queue::{Queue, text};

/// How long after a purge the next one is refused, in milliseconds.
const PURGE_PAUSE: i64 = 60_000;

/// The parameters of `CreateQueue`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Create {
    #[serde(default)]
    queue_name: String,
    #[serde(default)]
    attributes: Texts,
    #[serde(default, rename = "tags")]
    tags: Texts,
}

/// The parameters of what needs only a queue.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ByUrl {
    queue_url: Option<String>,
}

/// The parameters of `GetQueueUrl`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ByName {
    #[serde(default)]
    queue_name: String,
}

/// The parameters of `ListQueues`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct List {
    #[serde(default)]
    queue_name_prefix: String,
    max_results: Option<usize>,
    next_token: Option<String>,
}

/// The parameters of `GetQueueAttributes`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetAttributes {
    queue_url: Option<String>,
    #[serde(default)]
    attribute_names: Vec<String>,
}

/// The parameters of `SetQueueAttributes`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SetAttributes {
    queue_url: Option<String>,
    #[serde(default)]
    attributes: Texts,
}

/// The parameters of `TagQueue`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Tag {
    queue_url: Option<String>,
    #[serde(default)]
    tags: Texts,
}

/// The parameters of `UntagQueue`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Untag {
    queue_url: Option<String>,
    #[serde(default)]
    tag_keys: Vec<String>,
}

/// Makes a queue, or finds the one that is already there with the same attributes.
pub(super) fn create(work: &mut Work<'_>, input: Create, base: &str) -> Result<Value, SqsError> {
    check_name(&input.queue_name)?;
    check(&input.attributes)?;
    check_target(work, &input.attributes)?;
    if let Some(queue) = Queue::named(work, &input.queue_name)? {
        let has = queue.settings.shown();
        let same = |(name, value): (&String, &String)| has.get(name) == Some(value);
        return if input.attributes.iter().all(same) {
            Ok(json!({ "QueueUrl": queue.url(base) }))
        } else {
            Err(SqsError::new(
                "QueueNameExists",
                "A queue already exists with the same name and a different value for an attribute.",
            ))
        };
    }
    let mut settings = Settings::default();
    settings.change(input.attributes);
    work.tx.execute(
        "INSERT INTO queues (name, created_ms, modified_ms, attributes, tags)
            VALUES (?1, ?2, ?2, ?3, ?4)",
        params![
            input.queue_name,
            work.now,
            text(&settings.0),
            text(&input.tags)
        ],
    )?;
    let queue = Queue::named(work, &input.queue_name)?.ok_or_else(SqsError::queue_missing)?;
    Ok(json!({ "QueueUrl": queue.url(base) }))
}

fn check_name(name: &str) -> Result<(), SqsError> {
    if name.rsplit_once('.').is_some_and(|(_, end)| end == "fifo") {
        return Err(SqsError::unsupported(
            "FIFO queues are not supported by this endpoint.",
        ));
    }
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if (1..=80).contains(&name.len()) && name.chars().all(good) {
        return Ok(());
    }
    Err(SqsError::value(
        name,
        "QueueName",
        "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length.",
    ))
}

fn check_target(work: &Work<'_>, attributes: &Texts) -> Result<(), SqsError> {
    let Some(policy) = attributes
        .get("RedrivePolicy")
        .filter(|text| !text.is_empty())
    else {
        return Ok(());
    };
    let settings = Settings(attributes.clone());
    let target = settings
        .redrive()
        .map(|redrive| redrive.target_arn)
        .unwrap_or_default();
    match Queue::with_arn(work, &target)? {
        Some(_) => Ok(()),
        None => Err(SqsError::value(
            policy,
            "RedrivePolicy",
            "Dead letter target does not exist.",
        )),
    }
}

pub(super) fn url(work: &mut Work<'_>, input: &ByName, base: &str) -> Result<Value, SqsError> {
    let queue = Queue::named(work, &input.queue_name)?.ok_or_else(SqsError::queue_missing)?;
    Ok(json!({ "QueueUrl": queue.url(base) }))
}

pub(super) fn list(work: &mut Work<'_>, input: &List, base: &str) -> Result<Value, SqsError> {
    let queues = Queue::all(work)?;
    let after = input.next_token.as_deref().unwrap_or_default();
    let wanted = queues
        .iter()
        .filter(|queue| queue.name.starts_with(&input.queue_name_prefix))
        .filter(|queue| queue.name.as_str() > after);
    let limit = input.max_results.unwrap_or(1000).clamp(1, 1000);
    let page: Vec<_> = wanted.clone().take(limit).collect();
    let urls: Vec<_> = page.iter().map(|queue| queue.url(base)).collect();
    let mut answer = json!({ "QueueUrls": urls });
    if let (Some(last), Some(_), true) =
        (page.last(), input.max_results, wanted.count() > page.len())
    {
        answer["NextToken"] = last.name.as_str().into();
    }
    Ok(answer)
}

/// Removes a queue with its messages. Who waits there is told that it is gone.
pub(super) fn delete(work: &mut Work<'_>, input: &ByUrl) -> Result<Value, SqsError> {
    let queue = Queue::at(work, input.queue_url.as_deref())?;
    work.tx
        .execute("DELETE FROM queues WHERE id = ?1", params![queue.id])?;
    work.touched.push(queue.id);
    Ok(json!({}))
}

pub(super) fn purge(work: &mut Work<'_>, input: &ByUrl) -> Result<Value, SqsError> {
    let mut queue = Queue::at(work, input.queue_url.as_deref())?;
    if queue
        .purged
        .is_some_and(|purged| work.now - purged < PURGE_PAUSE)
    {
        return Err(SqsError::new(
            "PurgeQueueInProgress",
            format!(
                "Only one PurgeQueue operation on {} is allowed every 60 seconds.",
                queue.name
            ),
        ));
    }
    work.tx.execute(
        "DELETE FROM messages WHERE queue_id = ?1",
        params![queue.id],
    )?;
    queue.purged = Some(work.now);
    queue.save(work)?;
    Ok(json!({}))
}

pub(super) fn attributes(work: &mut Work<'_>, input: &GetAttributes) -> Result<Value, SqsError> {
    let queue = Queue::at(work, input.queue_url.as_deref())?;
    if let Some(unknown) = input.attribute_names.iter().find(|name| !known(name)) {
        return Err(SqsError::new(
            "InvalidAttributeName",
            format!("Unknown Attribute {unknown}."),
        ));
    }
    let asked = |name: &str| {
        input
            .attribute_names
            .iter()
            .any(|wanted| wanted == "All" || wanted == name)
    };
    let mut shown = queue.settings.shown();
    if COMPUTED.iter().any(|name| asked(name)) {
        shown.extend(computed(work, &queue)?);
    }
    shown.retain(|name, _| asked(name));
    if shown.is_empty() {
        Ok(json!({}))
    } else {
        Ok(json!({ "Attributes": shown }))
    }
}

fn computed(work: &Work<'_>, queue: &Queue) -> Result<Texts, SqsError> {
    queue.forget_old(work)?;
    let (visible, in_flight, delayed) = work.tx.query_row(
        "SELECT COUNT(*) FILTER (WHERE visible_ms <= ?2),
                COUNT(*) FILTER (WHERE visible_ms > ?2 AND receipt IS NOT NULL),
                COUNT(*) FILTER (WHERE visible_ms > ?2 AND receipt IS NULL)
            FROM messages WHERE queue_id = ?1",
        params![queue.id, work.now],
        |row| {
            Ok((
                row.get::<_, i64>(0)?,
                row.get::<_, i64>(1)?,
                row.get::<_, i64>(2)?,
            ))
        },
    )?;
    let values = [
        visible.to_string(),
        delayed.to_string(),
        in_flight.to_string(),
        (queue.created / 1000).to_string(),
        (queue.modified / 1000).to_string(),
        queue.arn(),
    ];
    Ok(COMPUTED
        .iter()
        .map(|name| (*name).to_owned())
        .zip(values)
        .collect())
}

pub(super) fn set_attributes(work: &mut Work<'_>, input: SetAttributes) -> Result<Value, SqsError> {
    let mut queue = Queue::at(work, input.queue_url.as_deref())?;
    check(&input.attributes)?;
    check_target(work, &input.attributes)?;
    queue.settings.change(input.attributes);
    queue.modified = work.now;
    queue.save(work)?;
    work.touched.push(queue.id);
    Ok(json!({}))
}

pub(super) fn tag(work: &mut Work<'_>, input: Tag) -> Result<Value, SqsError> {
    let mut queue = Queue::at(work, input.queue_url.as_deref())?;
    queue.tags.extend(input.tags);
    queue.save(work)?;
    Ok(json!({}))
}

pub(super) fn untag(work: &mut Work<'_>, input: &Untag) -> Result<Value, SqsError> {
    let mut queue = Queue::at(work, input.queue_url.as_deref())?;
    queue.tags.retain(|key, _| !input.tag_keys.contains(key));
    queue.save(work)?;
    Ok(json!({}))
}

pub(super) fn tags(work: &mut Work<'_>, input: &ByUrl) -> Result<Value, SqsError> {
    let queue = Queue::at(work, input.queue_url.as_deref())?;
    Ok(json!({ "Tags": queue.tags }))
}

/// The queues whose messages may end in this one.
pub(super) fn sources(work: &mut Work<'_>, input: &ByUrl, base: &str) -> Result<Value, SqsError> {
    let arn = Queue::at(work, input.queue_url.as_deref())?.arn();
    let leads_here = |queue: &&Queue| {
        queue
            .settings
            .redrive()
            .is_some_and(|redrive| redrive.target_arn == arn)
    };
    let queues = Queue::all(work)?;
    let urls: Vec<_> = queues
        .iter()
        .filter(leads_here)
        .map(|queue| queue.url(base))
        .collect();
    Ok(json!({ "queueUrls": urls }))
}
