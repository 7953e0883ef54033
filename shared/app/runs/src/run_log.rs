//! What the log and the metrics say of runs and deliveries.

use contract::log_fields;
use domain::{Delivery, DeliveryId, JobId, Outcome, RunHead, TenantId};
use jiff::{SignedDuration, Timestamp};
use tracing::{Span, field::display};

/// Records the ids of a run in the current span, for every line within it from now on.
pub fn record_span_ids(head: &RunHead) {
    let span = Span::current();
    span.record(log_fields::TRACE_ID, head.origin().trace().as_str());
    span.record(
        log_fields::DELIVERY_ID,
        head.origin().delivery().map(DeliveryId::as_str),
    );
    record_job_ids(head.subject().tenant(), job_of(head));
    span.record(log_fields::RUN_ID, display(head.id()));
}

/// Records what is known of a job where its run was not read.
pub(crate) fn record_job_ids(tenant: &TenantId, job: JobId) {
    let span = Span::current();
    span.record(log_fields::TENANT_ID, display(tenant));
    span.record(log_fields::JOB_ID, display(job));
}

/// The job that a run waits for, or will.
fn job_of(head: &RunHead) -> JobId {
    let named = head.names().cloned();
    named.unwrap_or_else(RunHead::only_step).job(head.id())
}

/// Records the ids of a delivery in the current span.
pub fn record_delivery_ids(delivery: &Delivery) {
    let span = Span::current();
    span.record(log_fields::TRACE_ID, delivery.trace.as_str());
    span.record(log_fields::DELIVERY_ID, delivery.key.id().as_str());
    span.record(log_fields::TENANT_ID, display(delivery.key.tenant()));
}

/// Tells that a run has been started.
pub(crate) fn started(head: &RunHead) {
    record_span_ids(head);
    tracing::info!(
        metric.RunsStarted = 1_u64,
        dimension.Definition = %head.definition().name,
        "run {} was started",
        head.id()
    );
}

/// Tells that a run has ended, if it has by the commit that led to `head`. The ids are the run's own, even in the span of
/// another delivery that stopped it.
pub(crate) fn ended(head: &RunHead) {
    let Some(finished) = head.finished() else {
        return;
    };
    tracing::info!(
        trace.id = head.origin().trace().as_str(),
        delivery.id = head.origin().delivery().map(DeliveryId::as_str),
        tenant.id = %head.subject().tenant(),
        run.id = %head.id(),
        job.id = %job_of(head),
        metric.RunsFinished = 1_u64,
        metric.RunSeconds = seconds(head.created_at(), finished.at),
        dimension.Outcome = outcome(&finished.outcome),
        "run {} ended",
        head.id()
    );
}

/// The time between two instants; zero if clocks that differ make it less.
pub fn seconds(since: Timestamp, until: Timestamp) -> f64 {
    until
        .duration_since(since)
        .max(SignedDuration::ZERO)
        .as_secs_f64()
}

const fn outcome(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Succeeded { .. } => "succeeded",
        Outcome::Incomplete { .. } => "incomplete",
        Outcome::Unchanged => "unchanged",
        Outcome::Failed { .. } => "failed",
        Outcome::Cancelled => "cancelled",
        Outcome::Expired => "expired",
    }
}
