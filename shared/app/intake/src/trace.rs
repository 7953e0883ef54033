//! The decisions on the way of a delivery, as they are taken.

use domain::{SharedClock, StepName, TraceStep};

/// Collects the decisions.
#[derive(Debug)]
pub(crate) struct Trace {
    clock: SharedClock,
    steps: Vec<TraceStep>,
}

impl Trace {
    pub(crate) fn new(clock: SharedClock) -> Self {
        Self {
            clock,
            steps: Vec::new(),
        }
    }

    pub(crate) fn note(&mut self, step: StepName, detail: impl Into<String>) {
        self.steps.push(TraceStep {
            at: self.clock.now(),
            step,
            detail: detail.into(),
        });
    }

    /// Goes on from these.
    pub(crate) fn set(&mut self, steps: Vec<TraceStep>) {
        self.steps = steps;
    }

    pub(crate) fn steps(&self) -> Vec<TraceStep> {
        self.steps.clone()
    }
}
