//! Collecting spans that have ended.

use std::{
    borrow::Cow,
    sync::{Mutex, PoisonError},
};

use domain::{Random, SystemRandom};
use jiff::Timestamp;
use opentelemetry::{
    InstrumentationScope, KeyValue, Value as Attribute,
    trace::{SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState},
};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};
use tracing::Metadata;

use crate::fields::{Fields, Value};

/// How many spans wait at most; what is more is lost, and counted.
const WAITING: usize = 4_096;
const TRACE: &str = "trace.id";

/// Spans that have ended and wait to be exported, with the service each belongs to if it is not the process's.
#[derive(Debug, Default)]
pub(crate) struct Collector {
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
pub(crate) struct Waiting {
    pub(crate) spans: Vec<(Option<String>, SpanData)>,
    pub(crate) lost: usize,
}

/// A span that is open.
#[derive(Debug)]
pub(crate) struct Open {
    id: u64,
    since: Timestamp,
    inside: Vec<Ended>,
}

/// A span that has ended and does not know its trace yet.
#[derive(Debug)]
pub(crate) struct Ended {
    id: u64,
    parent: Option<u64>,
    name: &'static str,
    since: Timestamp,
    until: Timestamp,
    fields: Fields,
    inside: Vec<Self>,
}

/// Whether a span is where a trace enters a process.
pub(crate) fn bounds(metadata: &Metadata<'_>) -> bool {
    metadata.fields().field(TRACE).is_some()
}

impl Collector {
    /// Keeps a boundary's span and everything inside it until it is exported.
    pub(crate) fn keep(&self, mut ended: Ended, service: Option<&str>) {
        let trace = ended.fields.text(TRACE).unwrap_or_default();
        let trace = TraceId::from_hex(trace).ok();
        let trace = trace.filter(|trace| *trace != TraceId::INVALID);
        let trace = trace.unwrap_or_else(|| TraceId::from_bytes(random_trace()));
        let (own, inside) = (ended.id, std::mem::take(&mut ended.inside));
        // Its own id and its parent's follow from the trace, so that other processes know them too.
        let derived = |field| Some(derive(trace, ended.fields.text(field)?));
        let id = derived("otel.key").unwrap_or(own);
        let parent = derived("otel.parent").unwrap_or(0);
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.push(service, ended.export(trace, id, parent, Hop::Remote));
        for inner in inside {
            let parent = inner.parent.filter(|parent| *parent != own).unwrap_or(id);
            let inner_id = inner.id;
            waiting.push(service, inner.export(trace, inner_id, parent, Hop::Local));
        }
    }

    /// Takes what waits.
    pub(crate) fn take(&self) -> Waiting {
        std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Waiting {
    fn push(&mut self, service: Option<&str>, span: SpanData) {
        if self.spans.len() < WAITING {
            self.spans.push((service.map(str::to_owned), span));
        } else {
            self.lost += 1;
        }
    }
}

impl Open {
    pub(crate) fn since(since: Timestamp) -> Self {
        Self {
            id: random(),
            since,
            inside: Vec::new(),
        }
    }

    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    pub(crate) fn adopt(&mut self, inner: Ended) {
        self.inside.push(inner);
    }

    pub(crate) fn end(
        self,
        name: &'static str,
        parent: Option<u64>,
        fields: Fields,
        until: Timestamp,
    ) -> Ended {
        Ended {
            id: self.id,
            parent,
            name,
            since: self.since,
            until,
            fields,
            inside: self.inside,
        }
    }
}

/// Whether a span's parent is in the same process.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hop {
    Local,
    Remote,
}

impl Ended {
    fn export(self, trace: TraceId, id: u64, parent: u64, hop: Hop) -> SpanData {
        let Self { name, fields, .. } = self;
        let named = fields.text("otel.name").map(str::to_owned);
        let failed = fields.text("error.type").map(str::to_owned);
        SpanData {
            span_context: SpanContext::new(
                trace,
                SpanId::from(id),
                TraceFlags::SAMPLED,
                false,
                TraceState::NONE,
            ),
            parent_span_id: SpanId::from(parent),
            parent_span_is_remote: hop == Hop::Remote && parent != 0,
            span_kind: kind(fields.text("otel.kind")),
            name: named.map_or(Cow::Borrowed(name), Cow::Owned),
            start_time: self.since.into(),
            end_time: self.until.into(),
            attributes: attributes(&fields),
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status: failed.map_or(Status::Unset, Status::error),
            instrumentation_scope: InstrumentationScope::builder("switchyard").build(),
        }
    }
}

fn kind(text: Option<&str>) -> SpanKind {
    match text {
        Some("server") => SpanKind::Server,
        Some("client") => SpanKind::Client,
        Some("producer") => SpanKind::Producer,
        Some("consumer") => SpanKind::Consumer,
        _ => SpanKind::Internal,
    }
}

fn attributes(fields: &Fields) -> Vec<KeyValue> {
    let told = fields
        .iter()
        .filter(|(name, _)| !name.starts_with("otel.") && *name != TRACE);
    told.map(|(name, value)| {
        let value = match value.clone() {
            Value::Bool(value) => Attribute::Bool(value),
            Value::Signed(value) => Attribute::I64(value),
            Value::Unsigned(value) => Attribute::I64(i64::try_from(value).unwrap_or(i64::MAX)),
            Value::Float(value) => Attribute::F64(value),
            Value::Text(value) => Attribute::String(value.into()),
        };
        KeyValue::new(name, value)
    })
    .collect()
}

/// The id of the span that is known as `key` in `trace`: the FNV-1a hash of both.
fn derive(trace: TraceId, key: &str) -> u64 {
    let trace = trace.to_bytes();
    let bytes = trace.iter().chain(key.as_bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    hash.max(1)
}

fn random() -> u64 {
    let mut bytes = [0; 8];
    SystemRandom.fill(&mut bytes);
    u64::from_le_bytes(bytes).max(1)
}

fn random_trace() -> [u8; 16] {
    let mut bytes = [0; 16];
    SystemRandom.fill(&mut bytes);
    bytes[0] |= 1;
    bytes
}
