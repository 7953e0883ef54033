//! Waking those who wait for messages.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tokio::sync::Notify;

use crate::db::lock;

/// One bell for each queue that anyone has waited at.
#[derive(Default)]
pub(super) struct Wakers(Mutex<HashMap<i64, Arc<Notify>>>);

impl Wakers {
    /// The bell of a queue.
    pub(super) fn of(&self, queue: i64) -> Arc<Notify> {
        Arc::clone(lock(&self.0).entry(queue).or_default())
    }

    /// Rings the bell of a queue for all who wait there.
    pub(super) fn wake(&self, queue: i64) {
        if let Some(bell) = lock(&self.0).get(&queue) {
            bell.notify_waiters();
        }
    }

    pub(super) fn wake_all(&self) {
        for bell in lock(&self.0).values() {
            bell.notify_waiters();
        }
    }
}
