//! What is remembered of runs, and how often a comment is edited.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Mutex, PoisonError},
};

use domain::{RunKey, RunState};
use jiff::{SignedDuration, Timestamp};

use super::glimpse::Known;

/// The most runs that are remembered; when there are more, all are forgotten and read once more than needed.
const REMEMBERED: usize = 2_000;

/// Remembers unfinished runs. It is only kept in memory: to forget one costs a read and maybe a needless edit.
#[derive(Debug)]
pub(super) struct Memory {
    runs: Mutex<HashMap<RunKey, Known>>,
}

/// What a comment says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told {
    at: Timestamp,
    state: RunState,
    text: u64,
}

impl Memory {
    pub(super) fn new() -> Self {
        Self {
            runs: Mutex::default(),
        }
    }

    /// Takes out what is known of a run. Whoever fails before putting it back makes it forgotten, so that the
    /// next try asks the table.
    pub(super) fn take(&self, key: &RunKey) -> Option<Known> {
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        runs.remove(key)
    }

    /// Remembers what is known of a run.
    pub(super) fn put(&self, key: RunKey, known: Known) {
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        if runs.len() >= REMEMBERED {
            runs.clear();
        }
        runs.insert(key, known);
    }
}

impl Told {
    pub(super) fn new(state: RunState, text: &str, at: Timestamp) -> Self {
        Self {
            at,
            state,
            text: digest(text),
        }
    }

    /// Whether `text` should be told now: a change of state at once, mere news once in `interval`, and what is
    /// told already not again.
    pub(super) fn allows(
        &self,
        state: RunState,
        text: &str,
        now: Timestamp,
        interval: SignedDuration,
    ) -> bool {
        let other_text = self.text != digest(text);
        let other_state = self.state != state;
        other_text && (other_state || now.duration_since(self.at) >= interval)
    }
}

fn digest(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_wait_their_turn_and_changes_of_state_do_not() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let interval = SignedDuration::from_secs(5);
        let told = Told::new(RunState::Running, "a", at(0));
        let allows = |state, text, second| told.allows(state, text, at(second), interval);
        assert!(!allows(RunState::Running, "b", 4));
        assert!(allows(RunState::Running, "b", 5));
        assert!(!allows(RunState::Running, "a", 9), "nothing new");
        assert!(allows(RunState::Succeeded, "c", 1));
    }
}
