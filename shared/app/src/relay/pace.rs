//! How often a comment is edited.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Mutex, PoisonError},
};

use domain::{RunId, RunState};
use jiff::{SignedDuration, Timestamp};

/// The most runs that are remembered; when there are more, all are forgotten and told once more than needed.
const REMEMBERED: usize = 10_000;

/// Remembers what was told last. It is only kept in memory: to forget it costs one needless edit.
#[derive(Debug)]
pub(super) struct Pace {
    interval: SignedDuration,
    told: Mutex<HashMap<RunId, Told>>,
}

#[derive(Clone, Copy, Debug)]
struct Told {
    at: Timestamp,
    state: RunState,
    text: u64,
}

impl Pace {
    pub(super) fn new(interval: SignedDuration) -> Self {
        Self {
            interval,
            told: Mutex::default(),
        }
    }

    /// Whether `text` should be told now.
    pub(super) fn allows(&self, run: RunId, state: RunState, text: &str, now: Timestamp) -> bool {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.get(&run).is_none_or(|last| {
            let other_text = last.text != digest(text);
            let other_state = last.state != state;
            other_text && (other_state || now.duration_since(last.at) >= self.interval)
        })
    }

    /// Notes that `text` has been told.
    pub(super) fn note(&self, run: RunId, state: RunState, text: &str, now: Timestamp) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.len() >= REMEMBERED {
            told.clear();
        }
        told.insert(
            run,
            Told {
                at: now,
                state,
                text: digest(text),
            },
        );
    }

    /// Forgets a run that is over.
    pub(super) fn forget(&self, run: RunId) {
        self.told
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&run);
    }
}

fn digest(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use domain::SeededRandom;

    use super::*;

    #[test]
    fn news_wait_their_turn_and_changes_of_state_do_not() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let run = RunId::mint(at(0), &SeededRandom::new(1));
        let pace = Pace::new(SignedDuration::from_secs(5));
        assert!(pace.allows(run, RunState::Running, "a", at(0)));
        pace.note(run, RunState::Running, "a", at(0));
        assert!(!pace.allows(run, RunState::Running, "b", at(4)));
        assert!(pace.allows(run, RunState::Running, "b", at(5)));
        assert!(
            !pace.allows(run, RunState::Running, "a", at(9)),
            "nothing new"
        );
        assert!(pace.allows(run, RunState::Succeeded, "c", at(1)));
        pace.forget(run);
        assert!(pace.allows(run, RunState::Running, "a", at(0)));
    }
}
