//! The settings of a queue.

use std::collections::BTreeMap;

use serde_json::Value;

use super::error::SqsError;

/// Attributes by name, as they go over the wire.
pub(super) type Texts = BTreeMap<String, String>;

/// The attributes that hold a whole number: name, least, most, and what a queue has when it is not set.
const NUMBERS: [(&str, i64, i64, i64); 5] = [
    ("DelaySeconds", 0, 900, 0),
    ("MaximumMessageSize", 1024, 1_048_576, 262_144),
    ("MessageRetentionPeriod", 60, 1_209_600, 345_600),
    ("ReceiveMessageWaitTimeSeconds", 0, 20, 0),
    ("VisibilityTimeout", 0, 43_200, 30),
];

/// Attributes that are kept and shown, and have no effect here.
const KEPT: [&str; 5] = [
    "Policy",
    "RedriveAllowPolicy",
    "KmsMasterKeyId",
    "KmsDataKeyReusePeriodSeconds",
    "SqsManagedSseEnabled",
];

/// Attributes of FIFO queues.
const FIFO: [&str; 4] = [
    "FifoQueue",
    "ContentBasedDeduplication",
    "DeduplicationScope",
    "FifoThroughputLimit",
];

/// Attributes that can be asked for but not set.
pub(super) const COMPUTED: [&str; 6] = [
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesDelayed",
    "ApproximateNumberOfMessagesNotVisible",
    "CreatedTimestamp",
    "LastModifiedTimestamp",
    "QueueArn",
];

/// Where messages go that are received too often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Redrive {
    pub(super) target_arn: String,
    pub(super) max_receives: i64,
}

/// What was set on a queue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Settings(pub(super) Texts);

impl Settings {
    /// A whole number, or what a queue has by default.
    pub(super) fn number(&self, name: &str) -> i64 {
        let set = self.0.get(name).and_then(|text| text.parse().ok());
        set.unwrap_or_else(|| default_of(name))
    }

    /// The number as milliseconds.
    pub(super) fn millis(&self, name: &str) -> i64 {
        self.number(name) * 1000
    }

    pub(super) fn redrive(&self) -> Option<Redrive> {
        redrive(self.0.get("RedrivePolicy")?).ok()
    }

    /// All attributes that can be set, with the defaults of those that are not.
    pub(super) fn shown(&self) -> Texts {
        let defaults = NUMBERS
            .iter()
            .map(|(name, _, _, value)| ((*name).to_owned(), value.to_string()));
        let mut shown: Texts = defaults.collect();
        shown.insert("SqsManagedSseEnabled".to_owned(), "true".to_owned());
        shown.extend(self.0.clone());
        shown
    }

    /// Takes over checked attributes. An empty text takes an attribute away.
    pub(super) fn change(&mut self, changes: Texts) {
        for (name, value) in changes {
            if value.is_empty() {
                self.0.remove(&name);
            } else {
                self.0.insert(name, value);
            }
        }
    }
}

fn default_of(name: &str) -> i64 {
    let found = NUMBERS.iter().find(|(known, ..)| *known == name);
    found.map_or(0, |(.., value)| *value)
}

/// Whether an attribute can be asked for.
pub(super) fn known(name: &str) -> bool {
    name == "All"
        || name == "RedrivePolicy"
        || COMPUTED.contains(&name)
        || KEPT.contains(&name)
        || FIFO.contains(&name)
        || NUMBERS.iter().any(|(known, ..)| *known == name)
}

/// Checks attributes that are to be set.
pub(super) fn check(attributes: &Texts) -> Result<(), SqsError> {
    for (name, value) in attributes {
        if FIFO.contains(&name.as_str()) {
            return Err(SqsError::unsupported(
                "FIFO queues are not supported by this endpoint.",
            ));
        }
        let number = NUMBERS.iter().find(|(known, ..)| known == name);
        let good = match number {
            Some((_, least, most, _)) => value
                .parse::<i64>()
                .is_ok_and(|value| (*least..=*most).contains(&value)),
            None if name == "RedrivePolicy" => value.is_empty() || redrive(value).is_ok(),
            None if KEPT.contains(&name.as_str()) => true,
            None => {
                return Err(SqsError::new(
                    "InvalidAttributeName",
                    format!("Unknown Attribute {name}."),
                ));
            }
        };
        if !good {
            return Err(wrong_value(name));
        }
    }
    Ok(())
}

pub(super) fn wrong_value(name: &str) -> SqsError {
    SqsError::new(
        "InvalidAttributeValue",
        format!("Invalid value for the parameter {name}."),
    )
}

fn redrive(text: &str) -> Result<Redrive, SqsError> {
    let wrong = || wrong_value("RedrivePolicy");
    let policy: Value = serde_json::from_str(text).map_err(|_| wrong())?;
    let target = policy["deadLetterTargetArn"].as_str().ok_or_else(wrong)?;
    let count = &policy["maxReceiveCount"];
    let count = count.as_i64().or_else(|| count.as_str()?.parse().ok());
    let max_receives = count
        .filter(|count| (1..=1000).contains(count))
        .ok_or_else(wrong)?;
    Ok(Redrive {
        target_arn: target.to_owned(),
        max_receives,
    })
}
