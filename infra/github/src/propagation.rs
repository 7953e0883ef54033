//! What was made a moment ago is not known everywhere at once: a fresh token is refused for its
//! first uses, a fresh branch is no head of a pull request yet.
//!
//! Counts and the movable clock decide, never real time, so that tests are the same each time.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What GitHub answers instead of "not yet".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotYet {
    /// 401, as for a token that does not exist.
    Unauthorized,
    /// 403, as for a token without the permission.
    Forbidden,
    /// 404, as for a repository that the token does not reach.
    NotFound,
}

/// How long something fresh is refused at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Lag {
    /// It is known at once.
    #[default]
    None,
    /// So many uses are refused.
    Uses(u32, NotYet),
    /// All uses are refused until the clock has moved on by so many seconds.
    Seconds(u32, NotYet),
}

/// How slowly what was made becomes known inside GitHub. It holds for what is made while it is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Propagation {
    /// A fresh token at the REST API.
    pub rest: Lag,
    /// A fresh token when git fetches.
    pub fetch: Lag,
    /// A fresh token when git pushes.
    pub push: Lag,
    /// A fresh branch as the head of a pull request, which is 422 whatever the answer says.
    pub branch: Lag,
}

impl Propagation {
    /// What anybody meets on an ordinary day: the first use at each place comes too early.
    pub fn mild() -> Self {
        Self {
            rest: Lag::None,
            fetch: Lag::Uses(1, NotYet::Unauthorized),
            push: Lag::Uses(1, NotYet::Forbidden),
            branch: Lag::Uses(1, NotYet::NotFound),
        }
    }
}

/// Where something fresh is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Place {
    Rest,
    Fetch,
    Push,
    Head,
}

/// One fresh thing: what holds for it, when it was made, and how often it was used where.
#[derive(Debug)]
struct Birth {
    propagation: Propagation,
    at: i64,
    uses: HashMap<Place, u32>,
}

/// The fresh things, in memory only: after a restart nothing is fresh.
#[derive(Debug, Default)]
pub(crate) struct Fresh {
    setting: Mutex<Propagation>,
    births: Mutex<HashMap<String, Birth>>,
}

impl Fresh {
    pub(crate) fn new(setting: Propagation) -> Self {
        Self {
            setting: Mutex::new(setting),
            births: Mutex::default(),
        }
    }

    /// From now on this holds for what is made.
    pub(crate) fn set(&self, setting: Propagation) {
        *self.setting.lock().unwrap_or_else(PoisonError::into_inner) = setting;
    }

    /// Something has been made at `now` (seconds since 1970).
    pub(crate) fn born(&self, key: String, now: i64) {
        let propagation = *self.setting.lock().unwrap_or_else(PoisonError::into_inner);
        if propagation == Propagation::default() {
            return;
        }
        let birth = Birth {
            propagation,
            at: now,
            uses: HashMap::new(),
        };
        self.births().insert(key, birth);
    }

    /// Uses it once. What is answered instead, if it is too early.
    pub(crate) fn too_early(&self, key: &str, place: Place, now: i64) -> Option<NotYet> {
        let mut births = self.births();
        let birth = births.get_mut(key)?;
        let lag = match place {
            Place::Rest => birth.propagation.rest,
            Place::Fetch => birth.propagation.fetch,
            Place::Push => birth.propagation.push,
            Place::Head => birth.propagation.branch,
        };
        match lag {
            Lag::None => None,
            Lag::Seconds(seconds, answer) => {
                (now < birth.at + i64::from(seconds)).then_some(answer)
            }
            Lag::Uses(count, answer) => {
                let uses = birth.uses.entry(place).or_default();
                *uses = uses.saturating_add(1);
                (*uses <= count).then_some(answer)
            }
        }
    }

    fn births(&self) -> MutexGuard<'_, HashMap<String, Birth>> {
        self.births.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The key of a branch.
pub(crate) fn branch_key(repository_id: u64, branch: &str) -> String {
    format!("{repository_id} refs/heads/{branch}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_made_while_it_is_set_is_refused_and_each_place_counts_for_itself() {
        let fresh = Fresh::default();
        fresh.born("old".to_owned(), 0);
        fresh.set(Propagation {
            fetch: Lag::Uses(1, NotYet::Unauthorized),
            push: Lag::Seconds(5, NotYet::Forbidden),
            ..Propagation::default()
        });
        fresh.born("new".to_owned(), 100);
        assert_eq!(fresh.too_early("old", Place::Fetch, 100), None);
        let first = fresh.too_early("new", Place::Fetch, 100);
        assert_eq!(first, Some(NotYet::Unauthorized));
        assert_eq!(fresh.too_early("new", Place::Fetch, 100), None);
        assert_eq!(fresh.too_early("new", Place::Rest, 100), None);
        let early = fresh.too_early("new", Place::Push, 104);
        assert_eq!(early, Some(NotYet::Forbidden));
        assert_eq!(fresh.too_early("new", Place::Push, 105), None);
    }
}
