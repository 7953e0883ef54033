//! What could not be dealt with is looked at again at growing distances.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use store::Due;

/// The distance after the first failure; it doubles with each.
const FIRST: SignedDuration = SignedDuration::from_mins(2);
/// The longest one.
const LONGEST: SignedDuration = SignedDuration::from_hours(1);
/// The most things that are remembered; when there are more, all are forgotten and looked at once more than needed.
const REMEMBERED: usize = 1_000;

/// Remembers what failed. It is only kept in memory: to forget it costs a look.
#[derive(Debug, Default)]
pub(crate) struct Failing(Mutex<HashMap<Due, Failure>>);

#[derive(Debug)]
struct Failure {
    times: u32,
    not_before: Timestamp,
}

impl Failing {
    /// Whether it is time to look at it.
    pub(crate) fn allows(&self, due: &Due, now: Timestamp) -> bool {
        let failing = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        failing
            .get(due)
            .is_none_or(|failure| failure.not_before <= now)
    }

    /// Notes that it failed once more.
    pub(crate) fn failed(&self, due: &Due, now: Timestamp) {
        let mut failing = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if failing.len() >= REMEMBERED && !failing.contains_key(due) {
            failing.clear();
        }
        let failure = failing.entry(due.clone()).or_insert(Failure {
            times: 0,
            not_before: now,
        });
        let factor = 1_i32.checked_shl(failure.times.min(20)).unwrap_or(i32::MAX);
        failure.not_before = now + FIRST.saturating_mul(factor).min(LONGEST);
        failure.times = failure.times.saturating_add(1);
    }

    /// Notes that it was dealt with.
    pub(crate) fn dealt_with(&self, due: &Due) {
        let mut failing = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        failing.remove(due);
    }
}

#[cfg(test)]
mod tests {
    use domain::DeliveryKey;

    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(minute * 60).unwrap()
    }

    fn delivery(id: &str) -> Due {
        let connection = testkit::connection("acme", 1);
        Due::Delivery(DeliveryKey::by(&connection, id.parse().unwrap()))
    }

    #[test]
    fn the_distances_double_up_to_an_hour_and_success_ends_them() {
        let (failing, due) = (Failing::default(), delivery("a"));
        let mut looks = Vec::new();
        for minute in 0..190 {
            if failing.allows(&due, at(minute)) {
                looks.push(minute);
                failing.failed(&due, at(minute));
            }
        }
        assert_eq!(looks, [0, 2, 6, 14, 30, 62, 122, 182]);
        assert!(failing.allows(&delivery("b"), at(0)), "each by itself");
        failing.dealt_with(&due);
        assert!(failing.allows(&due, at(183)));
    }

    #[test]
    fn memory_has_a_bound() {
        let failing = Failing::default();
        for id in 0..=REMEMBERED {
            failing.failed(&delivery(&id.to_string()), at(0));
        }
        assert_eq!(failing.0.lock().unwrap().len(), 1);
    }
}
