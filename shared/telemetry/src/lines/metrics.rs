//! Metrics in CloudWatch's embedded metric format.

use jiff::Timestamp;
use serde::Serialize;

use crate::fields::{Fields, Value};

const NAMESPACE: &str = "Switchyard";
const METRIC: &str = "metric.";
const DIMENSION: &str = "dimension.";

/// What a metric counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Unit {
    /// Things.
    Count,
    /// Time.
    Seconds,
}

/// Every metric of the product.
pub const METRICS: [(&str, Unit); 24] = [
    ("DeliveriesAccepted", Unit::Count),
    ("DeliveriesIgnored", Unit::Count),
    ("DeliveriesRefused", Unit::Count),
    ("DeliveriesLost", Unit::Count),
    ("DeliveriesRepaired", Unit::Count),
    ("AnswersLost", Unit::Count),
    ("DeliveriesDecided", Unit::Count),
    ("DecisionSeconds", Unit::Seconds),
    ("RunsStarted", Unit::Count),
    ("JobsClaimed", Unit::Count),
    ("JobsGivenBack", Unit::Count),
    ("QueueToClaimSeconds", Unit::Seconds),
    ("RunsFinished", Unit::Count),
    ("RunSeconds", Unit::Seconds),
    ("CommentsWritten", Unit::Count),
    ("CommentsRefused", Unit::Count),
    ("TellingPutOff", Unit::Count),
    ("SweepResumed", Unit::Count),
    ("SweepFailed", Unit::Count),
    ("HandlingFailed", Unit::Count),
    ("CallsFailed", Unit::Count),
    ("CallsRefused", Unit::Count),
    ("TextsScanned", Unit::Count),
    ("CredentialsRemoved", Unit::Count),
];

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Document {
    timestamp: i64,
    cloud_watch_metrics: [Directive; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Directive {
    namespace: &'static str,
    dimensions: Vec<Vec<&'static str>>,
    metrics: Vec<Metric>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metric {
    name: &'static str,
    unit: Unit,
}

/// Whether a field belongs to the metrics, not to the line itself.
pub(super) fn is_part(name: &str) -> bool {
    name.starts_with(METRIC) || name.starts_with(DIMENSION)
}

/// What makes an event with metrics a document of the format; nothing for any other event. The metrics count
/// for the service as a whole and, where the event says more, for each value of what it says.
pub(super) fn document(event: &Fields, at: Timestamp) -> Option<Document> {
    let named = |prefix| {
        event
            .iter()
            .filter_map(move |(name, _)| name.strip_prefix(prefix))
    };
    let metrics: Vec<Metric> = named(METRIC)
        .map(|name| Metric {
            name,
            unit: unit(name),
        })
        .collect();
    if metrics.is_empty() {
        return None;
    }
    let mut dimensions = vec![vec!["Service", "Stage"]];
    dimensions.extend(named(DIMENSION).map(|name| vec!["Service", "Stage", name]));
    Some(Document {
        timestamp: at.as_millisecond(),
        cloud_watch_metrics: [Directive {
            namespace: NAMESPACE,
            dimensions,
            metrics,
        }],
    })
}

/// The values of the metrics and of the dimensions, under the names that the document refers to.
pub(super) fn members(event: &Fields) -> impl Iterator<Item = (&'static str, &Value)> {
    event.iter().filter_map(|(name, value)| {
        let member = name.strip_prefix(METRIC);
        let member = member.or_else(|| name.strip_prefix(DIMENSION));
        member.map(|member| (member, value))
    })
}

fn unit(name: &str) -> Unit {
    let known = METRICS.iter().find(|(known, _)| *known == name);
    known.map_or(Unit::Count, |(_, unit)| *unit)
}
