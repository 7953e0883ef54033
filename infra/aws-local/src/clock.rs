//! Where the endpoints read the time.

use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};

use crate::db::lock;

/// Where the endpoints read the time: visibility, delays, retention, expiry of items held in memory.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Milliseconds since the epoch by `clock`.
pub(crate) fn now_ms(clock: &Clock) -> i64 {
    clock().as_millisecond()
}

/// A clock that stands still until it is moved.
///
/// After moving it, call [`crate::Endpoints::clock_moved`], so that those who wait look again.
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<Mutex<Timestamp>>);

impl ManualClock {
    /// A clock that shows `start`.
    pub fn new(start: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(start)))
    }

    /// What the clock shows.
    pub fn now(&self) -> Timestamp {
        *lock(&self.0)
    }

    /// Moves the clock by `by`, which may be negative. At the ends of time it stays where it is.
    pub fn advance(&self, by: SignedDuration) {
        let mut now = lock(&self.0);
        if let Ok(moved) = now.checked_add(by) {
            *now = moved;
        }
    }

    /// The clock as the endpoints take it.
    pub fn clock(&self) -> Clock {
        let this = self.clone();
        Arc::new(move || this.now())
    }
}
