//! Rate limits that are known to hold.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use domain::InstallationId;
use jiff::Timestamp;

use crate::GitHubError;

/// Whose limit it is: GitHub counts each of these by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Account {
    /// The app, with its own JWT.
    App,
    /// One installation, with whichever token.
    Installation(InstallationId),
    /// The one token that was given.
    Token,
}

/// Remembers limits, so that calls which must fail are not made: calling on in spite of a limit makes
/// GitHub extend it.
#[derive(Debug, Default)]
pub(crate) struct Limits(Mutex<HashMap<Account, Timestamp>>);

impl Limits {
    /// Fails while a limit of `account` holds.
    pub(crate) fn check(&self, account: Account, now: Timestamp) -> Result<(), GitHubError> {
        let limits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match limits.get(&account) {
            Some(until) if *until > now => Err(GitHubError::RateLimited { until: *until }),
            Some(_) | None => Ok(()),
        }
    }

    /// Remembers that a limit of `account` holds until `until`.
    pub(crate) fn note(&self, account: Account, until: Timestamp, now: Timestamp) {
        let mut limits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        limits.retain(|_, known| *known > now);
        let known = limits.entry(account).or_insert(until);
        *known = until.max(*known);
    }
}
