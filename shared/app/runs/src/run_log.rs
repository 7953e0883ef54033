//! What the log and the metrics say of runs and deliveries.

use domain::{Delivery, DeliveryId, Run, RunState};
use jiff::{SignedDuration, Timestamp};
use tracing::{Span, field::display};

/// Records the ids of `run` in the current span, for every line within it from now on.
pub fn record_span_ids(run: &Run) {
    let span = Span::current();
    span.record("trace.id", run.origin.trace().as_str());
    span.record("delivery.id", run.origin.delivery().map(DeliveryId::as_str));
    span.record("tenant.id", display(run.subject.tenant()));
    span.record("run.id", display(run.id));
    span.record("job.id", display(run.step.job.id));
}

/// The same for a delivery.
pub fn record_delivery_ids(delivery: &Delivery) {
    let span = Span::current();
    span.record("trace.id", delivery.trace.as_str());
    span.record("delivery.id", delivery.key.id().as_str());
    span.record("tenant.id", display(delivery.key.tenant()));
}

/// Tells that a run has been started.
pub fn started(run: &Run) {
    record_span_ids(run);
    tracing::info!(
        metric.RunsStarted = 1_u64,
        dimension.Definition = %run.definition.name,
        "run {} was started",
        run.id
    );
}

/// Tells that a run has ended, once: `before` says whether it was over before. The ids are the run's own, even
/// in the span of another delivery that stopped it.
pub fn ended(run: &Run, before: WasFinished) {
    let (WasFinished::No, Some(finished)) = (before, run.finished()) else {
        return;
    };
    tracing::info!(
        trace.id = run.origin.trace().as_str(),
        delivery.id = run.origin.delivery().map(DeliveryId::as_str),
        tenant.id = %run.subject.tenant(),
        run.id = %run.id,
        job.id = %run.step.job.id,
        metric.RunsFinished = 1_u64,
        metric.RunSeconds = seconds(run.created_at, finished.at),
        dimension.Outcome = outcome(run.state()),
        "run {} ended",
        run.id
    );
}

/// Whether a run was over before something happened to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WasFinished {
    /// It was.
    Yes,
    /// It was not.
    No,
}

impl WasFinished {
    /// Whether `run` is finished now.
    pub fn of(run: &Run) -> Self {
        match run.finished() {
            Some(_) => Self::Yes,
            None => Self::No,
        }
    }
}

/// The time between two instants; zero if clocks that differ make it less.
pub fn seconds(since: Timestamp, until: Timestamp) -> f64 {
    until
        .duration_since(since)
        .max(SignedDuration::ZERO)
        .as_secs_f64()
}

fn outcome(state: RunState) -> &'static str {
    match state {
        RunState::Queued | RunState::Running => "unfinished",
        RunState::Succeeded => "succeeded",
        RunState::Incomplete => "incomplete",
        RunState::Unchanged => "unchanged",
        RunState::Failed => "failed",
        RunState::Cancelled => "cancelled",
        RunState::Expired => "expired",
    }
}
