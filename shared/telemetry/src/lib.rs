//! What a process says about itself: log lines, metrics in them, and spans.
//!
//! Code speaks to `tracing` only; this crate decides what becomes of it.
//!
//! - **Lines.** Each event is one line of JSON. It has the fields of the event and of every span around it, so
//!   that the span at a boundary gives its ids to all lines inside. A span names the ids it may come to know
//!   when it is opened, and [`tracing::Span::record`] fills them in.
//! - **Metrics.** Fields named `metric.*` make a line a document in CloudWatch's embedded metric format, with
//!   the dimensions `Service` and `Stage` and those in `dimension.*` fields. See [`METRICS`].
//! - **Floods.** What strangers can cause as often as they like asks a [`Sampler`] whether it gets a line.
//! - **Spans.** If an OTLP endpoint is set, spans are collected and exported by [`Telemetry::flush`]. A span
//!   with the field `trace.id` is a boundary: it and what is inside it belong to that trace. Which span it hangs
//!   on in another process is derived from the trace id, so that no message has to carry it. Without an endpoint
//!   nothing is collected and no client is made.
//!
//! | field of a span | what it says |
//! |---|---|
//! | `otel.kind` | `server`, `client`, `producer`, `consumer`; `internal` without it |
//! | `otel.name` | the name, if it is not the span's own |
//! | `otel.key` | a name within the trace that other processes know this span by |
//! | `otel.parent` | the `otel.key` of the span of another process that this one hangs on |
//! | `otel.dropped` | recorded in a span and what is inside it, keeps both from being exported |
//!
//! Spans with the target [`DETAIL`] are for export only: they add nothing to lines.

mod fields;
mod lines;
mod recorder;
mod sampler;
mod setup;
mod spans;
#[cfg(test)]
mod testing;

pub use lines::{METRICS, Unit};
pub use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
pub use sampler::Sampler;
pub use setup::{Format, Output, Setup, Telemetry};
pub use spans::{Endpoint, WrongEndpoint};

/// The target of spans that are made for export only.
pub const DETAIL: &str = "otel";

/// What every other span of a trace hangs on, unless it knows better: the span in which the delivery came.
pub const DELIVERY: &str = "delivery";
