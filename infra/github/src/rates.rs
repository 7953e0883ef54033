//! The primary rate limit: so many requests an hour for each caller.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

/// Length of a window in seconds.
const WINDOW: i64 = 3_600;

/// Where one caller stands in the current window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) limit: u32,
    pub(crate) used: u32,
    /// Seconds since 1970 at which the window ends.
    pub(crate) reset: i64,
}

impl Standing {
    pub(crate) fn remaining(self) -> u32 {
        self.limit.saturating_sub(self.used)
    }

    pub(crate) fn exceeded(self) -> bool {
        self.used > self.limit
    }
}

/// Counters per caller, in memory only: a restart forgives.
#[derive(Debug)]
pub(crate) struct Rates {
    limit: u32,
    windows: Mutex<HashMap<String, (i64, u32)>>,
}

impl Rates {
    pub(crate) fn new(limit: u32) -> Self {
        Self {
            limit,
            windows: Mutex::default(),
        }
    }

    /// Takes one request back that turned out to cost nothing.
    pub(crate) fn forgive(&self, caller: &str, now: i64) -> Standing {
        {
            let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(window) = windows.get_mut(caller) {
                window.1 = window.1.saturating_sub(1);
            }
        }
        self.count(caller, 0, now)
    }

    /// Counts `cost` requests (0 only looks) and says where the caller stands.
    pub(crate) fn count(&self, caller: &str, cost: u32, now: i64) -> Standing {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let window = windows
            .entry(caller.to_owned())
            .or_insert((now + WINDOW, 0));
        if window.0 <= now {
            *window = (now + WINDOW, 0);
        }
        window.1 = window.1.saturating_add(cost);
        Standing {
            limit: self.limit,
            used: window.1,
            reset: window.0,
        }
    }
}

/// How many requests that make or change something an installation may send before it meets the
/// secondary limit, and how that is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContentLimit {
    /// In any minute; GitHub's is 80.
    pub per_minute: u32,
    /// In any hour; GitHub's is 500.
    pub per_hour: u32,
    /// 403 or 429; GitHub uses both.
    pub status: u16,
    /// Whether the answer says how long to wait.
    pub wait: Wait,
}

/// Whether the answer says how long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// With `retry-after`, in seconds.
    Told,
    /// Without a word; a minute is the least.
    Untold,
}

impl ContentLimit {
    /// The limit of github.com. A GitHub Enterprise Server has none unless its owner sets one.
    pub fn of_github() -> Self {
        Self {
            per_minute: 80,
            per_hour: 500,
            status: 403,
            wait: Wait::Told,
        }
    }
}

/// When each installation made or changed something in the last hour, in memory only.
#[derive(Debug, Default)]
pub(crate) struct Content {
    limit: Mutex<Option<ContentLimit>>,
    times: Mutex<HashMap<u64, VecDeque<i64>>>,
}

impl Content {
    pub(crate) fn new(limit: Option<ContentLimit>) -> Self {
        Self {
            limit: Mutex::new(limit),
            times: Mutex::default(),
        }
    }

    /// From now on this limit holds, or none.
    pub(crate) fn set(&self, limit: Option<ContentLimit>) {
        *self.limit.lock().unwrap_or_else(PoisonError::into_inner) = limit;
    }

    /// Counts one request. If it is one too many: the limit, and the seconds until it helps to try
    /// again.
    pub(crate) fn count(&self, installation: u64, now: i64) -> Option<(ContentLimit, i64)> {
        let limit = (*self.limit.lock().unwrap_or_else(PoisonError::into_inner))?;
        let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        let times = times.entry(installation).or_default();
        while times.front().is_some_and(|time| *time + WINDOW <= now) {
            times.pop_front();
        }
        for (most, span) in [(limit.per_hour, WINDOW), (limit.per_minute, 60)] {
            let inside: Vec<i64> = times
                .iter()
                .copied()
                .filter(|time| *time + span > now)
                .collect();
            if u32::try_from(inside.len()).unwrap_or(u32::MAX) >= most {
                let first = inside.first().copied().unwrap_or(now);
                return Some((limit, first + span - now));
            }
        }
        times.push_back(now);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_exceeded_only_beyond_its_last_request_and_ends_with_the_window() {
        let rates = Rates::new(2);
        assert!(!rates.count("a", 1, 100).exceeded());
        assert!(!rates.count("a", 1, 100).exceeded());
        assert!(rates.count("a", 1, 100).exceeded());
        assert!(!rates.count("b", 1, 100).exceeded());
        assert_eq!(rates.count("a", 1, 3_700).remaining(), 1);
    }
}
