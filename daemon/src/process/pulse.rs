//! When a program last gave a sign of life.

use std::sync::{Mutex, PoisonError};

use tokio::time::Instant;

/// Beats with everything that a program writes.
#[derive(Debug)]
pub(crate) struct Pulse(Mutex<Instant>);

impl Pulse {
    /// Begins now.
    pub(crate) fn begin() -> Self {
        Self(Mutex::new(Instant::now()))
    }

    /// A sign of life.
    pub(crate) fn beat(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// When the last sign came.
    pub(crate) fn last(&self) -> Instant {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
