//! What anybody can cause as often as they like is counted, and told of now and then.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, PoisonError},
};

use domain::SharedClock;
use jiff::{SignedDuration, Timestamp};

/// The time between two lines of one kind.
const EVERY: SignedDuration = SignedDuration::from_mins(1);
/// As many that were not told of are told of earlier, so that a process that ends takes few with it.
const MOST: u64 = 1_000;

/// Says which of many events of a kind get a line, so that a flood of them costs a count and no log: the first one,
/// and then one a minute or a thousand. Kinds have to be few: each is remembered.
#[derive(Debug)]
pub struct Sampler<K> {
    clock: SharedClock,
    kinds: Mutex<HashMap<K, Tally>>,
}

/// What became of one kind.
#[derive(Debug)]
struct Tally {
    told_at: Timestamp,
    untold: u64,
}

impl Tally {
    fn is_due(&self, now: Timestamp) -> bool {
        self.untold >= MOST || now.duration_since(self.told_at) >= EVERY
    }

    /// How many the line stands for.
    fn tell(&mut self, now: Timestamp) -> u64 {
        self.told_at = now;
        std::mem::take(&mut self.untold)
    }
}

impl<K: Clone + Eq + Hash> Sampler<K> {
    /// A sampler that has seen nothing.
    pub fn new(clock: SharedClock) -> Self {
        Self {
            clock,
            kinds: Mutex::default(),
        }
    }

    /// Counts one more. If it gets a line, says how many that line stands for: this one, and those before it that
    /// got none.
    pub fn count(&self, kind: K) -> Option<u64> {
        let now = self.clock.now();
        let mut kinds = self.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(tally) = kinds.get_mut(&kind) else {
            let (told_at, untold) = (now, 0);
            kinds.insert(kind, Tally { told_at, untold });
            return Some(1);
        };
        tally.untold = tally.untold.saturating_add(1);
        tally.is_due(now).then(|| tally.tell(now))
    }

    /// The kinds of which some are not told of although a minute has gone by, and how many: after the last of a
    /// flood nobody else would tell of them.
    pub fn overdue(&self) -> Vec<(K, u64)> {
        let now = self.clock.now();
        let mut kinds = self.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        let due = kinds.iter_mut();
        let due = due.filter(|(_, tally)| tally.untold > 0 && tally.is_due(now));
        due.map(|(kind, tally)| (kind.clone(), tally.tell(now)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use domain::ManualClock;

    use super::*;

    #[test]
    fn a_flood_gets_few_lines_and_none_of_it_is_lost_count_of() {
        let clock = Arc::new(ManualClock::default());
        let sampler = Sampler::new(clock.clone());
        let flood = |count| -> Vec<u64> { (0..count).filter_map(|_| sampler.count("a")).collect() };
        assert_eq!(flood(1), [1], "the first one gets a line");
        assert_eq!(flood(2_500), [1_000, 1_000]);
        assert_eq!(sampler.count("b"), Some(1), "each kind by itself");
        assert_eq!(sampler.overdue(), [], "they are told of soon enough");
        clock.advance(EVERY);
        assert_eq!(sampler.count("b"), Some(1));
        assert_eq!(sampler.overdue(), [("a", 500)]);
        assert_eq!(sampler.overdue(), []);
        assert!(flood(2).is_empty(), "a minute from the last line on");
        clock.advance(EVERY);
        assert_eq!(flood(1), [3]);
    }
}
