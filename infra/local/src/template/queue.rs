//! Queues.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::{
    TemplateError,
    node::{Known, Node},
    resource::{Kind, Resource},
    scope::Scope,
};

/// What SQS hides a message for unless the queue says otherwise, in seconds.
const DEFAULT_VISIBILITY: &str = "30";

/// Properties that `CreateQueue` takes as attributes of the same name.
const ATTRIBUTES: [&str; 7] = [
    "DelaySeconds",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "ReceiveMessageWaitTimeSeconds",
    "SqsManagedSseEnabled",
    "VisibilityTimeout",
    "KmsMasterKeyId",
];

const KNOWN: Known = Known {
    used: &[
        "DelaySeconds",
        "MaximumMessageSize",
        "MessageRetentionPeriod",
        "ReceiveMessageWaitTimeSeconds",
        "SqsManagedSseEnabled",
        "VisibilityTimeout",
        "KmsMasterKeyId",
        "RedrivePolicy",
    ],
    ignored: &["QueueName", "Tags"],
};

const REDRIVE: Known = Known {
    used: &["deadLetterTargetArn", "maxReceiveCount"],
    ignored: &[],
};

/// A standard queue. A FIFO queue is refused, because its order and deduplication are not kept here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue {
    /// Its name in the template.
    pub logical_id: String,
    /// Its name at SQS.
    pub name: String,
    /// Its address, which is what `Ref` stands for.
    pub url: String,
    /// Its ARN.
    pub arn: String,
    /// The attributes exactly as `CreateQueue` takes them, `RedrivePolicy` included.
    pub attributes: BTreeMap<String, String>,
    /// How long a received message is hidden; SQS's own default if the template says nothing.
    pub visibility: SignedDuration,
    /// Where messages go that nobody manages to handle.
    pub dead_letter: Option<DeadLetter>,
}

/// Where messages go that nobody manages to handle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// Logical id of the queue that takes them.
    pub queue: String,
    /// How often a message may be received before it is taken away.
    pub max_receive_count: u32,
}

/// Reads all queues, each behind the one that takes its dead letters: the order in which they can be created.
pub(super) fn read_all(scope: &Scope<'_>) -> Result<Vec<Queue>, TemplateError> {
    let mut waiting = scope.read_all(Kind::Queue, read)?;
    let mut ordered: Vec<Queue> = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let (ready, blocked): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|queue| {
            queue.dead_letter.as_ref().is_none_or(|dead_letter| {
                ordered
                    .iter()
                    .any(|earlier| earlier.logical_id == dead_letter.queue)
            })
        });
        if let (true, Some(queue)) = (ready.is_empty(), blocked.first()) {
            return Err(TemplateError::Circular {
                path: format!("Resources.{}.Properties.RedrivePolicy", queue.logical_id),
            });
        }
        ordered.extend(ready);
        waiting = blocked;
    }
    Ok(ordered)
}

fn read(scope: &Scope<'_>, resource: &Resource) -> Result<Queue, TemplateError> {
    let place = resource.place();
    let mut fields = scope.fields(resource, &KNOWN)?;
    let mut attributes = BTreeMap::new();
    for name in ATTRIBUTES {
        if let Some(node) = fields.optional(name) {
            attributes.insert(name.to_owned(), node.text()?);
        }
    }
    let dead_letter = match fields.optional("RedrivePolicy") {
        None => None,
        Some(node) => {
            let (policy, dead_letter) = redrive(scope, node)?;
            attributes.insert("RedrivePolicy".to_owned(), policy);
            Some(dead_letter)
        }
    };
    let visibility = attributes
        .get("VisibilityTimeout")
        .map_or(DEFAULT_VISIBILITY, String::as_str);
    let visibility = Node::new(visibility.into(), place.key("VisibilityTimeout")).seconds()?;
    Ok(Queue {
        logical_id: resource.id.clone(),
        name: scope.name(resource, &place)?,
        url: scope.identity(resource, &place)?,
        arn: scope.arn(resource, &place)?,
        attributes,
        visibility,
        dead_letter,
    })
}

/// The policy as the JSON text that SQS takes and gives back, in which the count is a number, and what it means.
fn redrive(scope: &Scope<'_>, node: Node) -> Result<(String, DeadLetter), TemplateError> {
    let mut fields = node.fields(&REDRIVE)?;
    let target = fields.required("deadLetterTargetArn")?;
    let arn = target.text()?;
    let max_receive_count = fields.required("maxReceiveCount")?.count()?;
    let policy = serde_json::json!({
        "deadLetterTargetArn": &arn,
        "maxReceiveCount": max_receive_count,
    });
    let queue = scope.by_arn(Kind::Queue, &arn, target.place())?;
    let dead_letter = DeadLetter {
        queue: queue.id.clone(),
        max_receive_count,
    };
    Ok((policy.to_string(), dead_letter))
}

/// The logical id of the queue whose ARN `node` is.
pub(super) fn id_of_arn(scope: &Scope<'_>, node: &Node) -> Result<String, TemplateError> {
    let queue = scope.by_arn(Kind::Queue, &node.text()?, node.place())?;
    Ok(queue.id.clone())
}
