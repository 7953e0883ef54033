//! The places in which this process has noted comments.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use domain::{RunKey, TrackingPlace};
use store::Versioned;

/// The most places that are kept; when there are more, all are forgotten.
const MOST: usize = 2_000;

/// The places of runs that are not over, as this process has written them. They need not be read before the next post: that
/// the comment is another one by now, or shows the end, is met when something is noted. They are only kept in memory: to
/// forget one costs a read.
#[derive(Debug, Default)]
pub(crate) struct NotedPlaces(Mutex<HashMap<RunKey, Versioned<TrackingPlace>>>);

impl NotedPlaces {
    /// The place of a run, if this process has noted one.
    pub(crate) fn get(&self, run: &RunKey) -> Option<Versioned<TrackingPlace>> {
        self.lock().get(run).cloned()
    }

    /// Keeps the place of a run.
    pub(crate) fn keep(&self, run: &RunKey, place: &Versioned<TrackingPlace>) {
        let mut places = self.lock();
        if places.len() >= MOST {
            places.clear();
        }
        places.insert(run.clone(), place.clone());
    }

    /// Nothing is noted of the run any more.
    pub(crate) fn forget(&self, run: &RunKey) {
        self.lock().remove(run);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<RunKey, Versioned<TrackingPlace>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
