//! What calls a function without anybody asking: queues, streams and schedules.

use jiff::SignedDuration;

use super::{
    TemplateError,
    filter::{self, Filter},
    node::{Fields, Known, Node},
    queue,
    resource::{Kind, Resource},
    schedule::{self, Schedule},
    scope::Scope,
};

const EVENT: Known = Known {
    used: &["Type", "Properties"],
    ignored: &[],
};

const QUEUE: Known = Known {
    used: &[
        "Queue",
        "BatchSize",
        "MaximumBatchingWindowInSeconds",
        "FunctionResponseTypes",
        "ScalingConfig",
        "Enabled",
    ],
    ignored: &[],
};

const SCALING: Known = Known {
    used: &["MaximumConcurrency"],
    ignored: &[],
};

const STREAM: Known = Known {
    used: &[
        "Stream",
        "StartingPosition",
        "BatchSize",
        "MaximumBatchingWindowInSeconds",
        "BisectBatchOnFunctionError",
        "MaximumRetryAttempts",
        "MaximumRecordAgeInSeconds",
        "FunctionResponseTypes",
        "DestinationConfig",
        "FilterCriteria",
        "Enabled",
    ],
    ignored: &[],
};

const FILTERS: Known = Known {
    used: &["Filters"],
    ignored: &[],
};

const FILTER: Known = Known {
    used: &["Pattern"],
    ignored: &[],
};

const ON_FAILURE: Known = Known {
    used: &["OnFailure"],
    ignored: &[],
};

const DESTINATION: Known = Known {
    used: &["Type", "Destination"],
    ignored: &[],
};

/// What calls a function without anybody asking.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// Messages of a queue.
    Queue(QueueSource),
    /// Changes of a table.
    Stream(StreamSource),
    /// The clock.
    Schedule(Schedule),
}

/// Messages of a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueSource {
    /// Logical id of the queue.
    pub queue: String,
    /// The most messages of one call.
    pub batch_size: u32,
    /// How long to wait for a batch to fill.
    pub window: SignedDuration,
    /// What the function's answer means.
    pub partial_failures: PartialFailures,
    /// The most calls at a time; as many as Lambda likes if nothing.
    pub max_concurrency: Option<u32>,
}

/// Changes of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamSource {
    /// Logical id of the table.
    pub table: String,
    /// Which records a new event source begins with.
    pub start: StartingPosition,
    /// The most records of one call.
    pub batch_size: u32,
    /// How long to wait for a batch to fill.
    pub window: SignedDuration,
    /// What happens to a batch for which the whole call fails.
    pub on_error: OnError,
    /// What the function's answer means.
    pub partial_failures: PartialFailures,
    /// How often a batch is tried again before it is given up; without end if nothing.
    pub max_retries: Option<u32>,
    /// The age at which a record is given up; that at which the stream forgets it if nothing.
    pub max_record_age: Option<SignedDuration>,
    /// A record is passed on if one of these matches it, or if there are none.
    pub filters: Vec<Filter>,
    /// Logical id of the queue that is told of batches that are given up.
    pub on_failure: Option<String>,
}

/// What a function's answer to a batch means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartialFailures {
    /// The answer names the items that failed; the others are done.
    Reported,
    /// An answer of any kind means that the whole batch is done.
    Ignored,
}

/// Which records a new event source begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartingPosition {
    /// The oldest that the stream remembers.
    TrimHorizon,
    /// Those that come from now on.
    Latest,
}

/// What happens to a batch of records for which the whole call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnError {
    /// It is halved and each half tried again.
    Bisect,
    /// It is tried again as it is.
    RetryWhole,
}

/// Reads the events of a function, without those that are switched off.
pub(super) fn read_all(scope: &Scope<'_>, events: Node) -> Result<Vec<Event>, TemplateError> {
    events
        .entries()?
        .into_iter()
        .filter_map(|(_, event)| read(scope, event).transpose())
        .collect()
}

fn read(scope: &Scope<'_>, node: Node) -> Result<Option<Event>, TemplateError> {
    let mut fields = node.fields(&EVENT)?;
    let kind = fields.required("Type")?;
    let properties = fields.required("Properties")?;
    match kind.text()?.as_str() {
        "SQS" => Ok(queue(scope, properties)?.map(Event::Queue)),
        "DynamoDB" => Ok(stream(scope, properties)?.map(Event::Stream)),
        "ScheduleV2" => Ok(schedule::read(scope, properties)?.map(Event::Schedule)),
        other => Err(kind.place().unsupported(format!("the event type {other}"))),
    }
}

fn queue(scope: &Scope<'_>, node: Node) -> Result<Option<QueueSource>, TemplateError> {
    let mut fields = node.fields(&QUEUE)?;
    if !enabled(&mut fields)? {
        return Ok(None);
    }
    let max_concurrency = match fields.optional("ScalingConfig") {
        None => None,
        Some(node) => {
            let limit = node.fields(&SCALING)?.required("MaximumConcurrency")?;
            Some(limit.count()?)
        }
    };
    Ok(Some(QueueSource {
        queue: queue::id_of_arn(scope, &fields.required("Queue")?)?,
        batch_size: fields.count_or("BatchSize", 10)?,
        window: fields.seconds_or("MaximumBatchingWindowInSeconds", SignedDuration::ZERO)?,
        partial_failures: partial_failures(&mut fields)?,
        max_concurrency,
    }))
}

fn stream(scope: &Scope<'_>, node: Node) -> Result<Option<StreamSource>, TemplateError> {
    let mut fields = node.fields(&STREAM)?;
    if !enabled(&mut fields)? {
        return Ok(None);
    }
    let bisect = fields.optional("BisectBatchOnFunctionError");
    let age = limit(&mut fields, "MaximumRecordAgeInSeconds")?;
    Ok(Some(StreamSource {
        table: table_id(scope, &fields.required("Stream")?)?,
        start: fields.required("StartingPosition")?.choice(&[
            ("TRIM_HORIZON", StartingPosition::TrimHorizon),
            ("LATEST", StartingPosition::Latest),
        ])?,
        batch_size: fields.count_or("BatchSize", 100)?,
        window: fields.seconds_or("MaximumBatchingWindowInSeconds", SignedDuration::ZERO)?,
        on_error: if bisect.map_or(Ok(false), |node| node.flag())? {
            OnError::Bisect
        } else {
            OnError::RetryWhole
        },
        partial_failures: partial_failures(&mut fields)?,
        max_retries: limit(&mut fields, "MaximumRetryAttempts")?,
        max_record_age: age.map(|seconds| SignedDuration::from_secs(seconds.into())),
        filters: filters(&mut fields)?,
        on_failure: on_failure(scope, &mut fields)?,
    }))
}

fn enabled(fields: &mut Fields) -> Result<bool, TemplateError> {
    fields
        .optional("Enabled")
        .map_or(Ok(true), |node| node.flag())
}

fn limit(fields: &mut Fields, name: &str) -> Result<Option<u32>, TemplateError> {
    fields.optional(name).map_or(Ok(None), |node| node.limit())
}

fn partial_failures(fields: &mut Fields) -> Result<PartialFailures, TemplateError> {
    let mut meaning = PartialFailures::Ignored;
    for kind in fields.items("FunctionResponseTypes")? {
        meaning = kind.choice(&[("ReportBatchItemFailures", PartialFailures::Reported)])?;
    }
    Ok(meaning)
}

fn filters(fields: &mut Fields) -> Result<Vec<Filter>, TemplateError> {
    let Some(criteria) = fields.optional("FilterCriteria") else {
        return Ok(Vec::new());
    };
    let mut criteria = criteria.fields(&FILTERS)?;
    criteria
        .items("Filters")?
        .into_iter()
        .map(|node| filter::read(&node.fields(&FILTER)?.required("Pattern")?))
        .collect()
}

/// The queue in `DestinationConfig`, for a source of events and for asynchronous calls alike.
pub(super) fn on_failure(
    scope: &Scope<'_>,
    fields: &mut Fields,
) -> Result<Option<String>, TemplateError> {
    let Some(config) = fields.optional("DestinationConfig") else {
        return Ok(None);
    };
    let Some(target) = config.fields(&ON_FAILURE)?.optional("OnFailure") else {
        return Ok(None);
    };
    let mut target = target.fields(&DESTINATION)?;
    if let Some(kind) = target.optional("Type") {
        kind.choice(&[("SQS", ())])?;
    }
    queue::id_of_arn(scope, &target.required("Destination")?).map(Some)
}

/// The logical id of the table to whose stream `node` is the ARN.
fn table_id(scope: &Scope<'_>, node: &Node) -> Result<String, TemplateError> {
    let arn = node.text()?;
    let has_stream = |table: &&Resource| table.properties.contains_key("StreamSpecification");
    for table in scope.all(Kind::Table).filter(has_stream) {
        if scope.stream_arn(table, node.place())? == arn {
            return Ok(table.id.clone());
        }
    }
    Err(node.place().unresolved(arn))
}
