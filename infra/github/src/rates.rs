//! The primary rate limit: so many requests an hour for each caller.

use std::collections::HashMap;
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
