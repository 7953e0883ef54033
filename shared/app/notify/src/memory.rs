//! What is remembered of runs, and how often a comment is edited.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Mutex, PoisonError},
};

use domain::{RunKey, RunState};
use jiff::{SignedDuration, Timestamp};

use crate::glimpse::Known;

/// The most runs that are remembered; when there are more, all are forgotten and read once more than needed.
const REMEMBERED: usize = 2_000;

/// Remembers unfinished runs. It is only kept in memory: to forget one costs a read and maybe a needless edit.
#[derive(Debug)]
pub(crate) struct Memory {
    runs: Mutex<HashMap<RunKey, Known>>,
}

/// What a comment says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told {
    at: Timestamp,
    state: RunState,
    text: u64,
}

impl Memory {
    pub(crate) fn new() -> Self {
        Self {
            runs: Mutex::default(),
        }
    }

    /// Takes out what is known of a run. Whoever fails before putting it back makes it forgotten, so that the
    /// next try asks the table.
    pub(crate) fn take(&self, key: &RunKey) -> Option<Known> {
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        runs.remove(key)
    }

    /// Remembers what is known of a run.
    pub(crate) fn put(&self, key: RunKey, known: Known) {
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        if runs.len() >= REMEMBERED {
            runs.clear();
        }
        runs.insert(key, known);
    }
}

impl Told {
    pub(crate) fn new(state: RunState, text: &str, at: Timestamp) -> Self {
        Self {
            at,
            state,
            text: digest(text),
        }
    }

    /// When `text` should be told: a change of state at once, mere news once in `interval`, and what is told already not
    /// again.
    pub(crate) fn turn(
        &self,
        state: RunState,
        text: &str,
        now: Timestamp,
        interval: SignedDuration,
    ) -> Turn {
        let from = self.at + interval;
        if self.text == digest(text) {
            Turn::Never
        } else if self.state != state || from <= now {
            Turn::Now
        } else {
            Turn::At(from)
        }
    }
}

/// When a comment is edited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// At once.
    Now,
    /// Not before then.
    At(Timestamp),
    /// There is nothing new to say.
    Never,
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
        let turn = |state, text, second| told.turn(state, text, at(second), interval);
        assert_eq!(turn(RunState::Running, "b", 4), Turn::At(at(5)));
        assert_eq!(turn(RunState::Running, "b", 5), Turn::Now);
        assert_eq!(turn(RunState::Running, "a", 9), Turn::Never, "nothing new");
        assert_eq!(turn(RunState::Succeeded, "c", 1), Turn::Now);
    }
}
