//! Trying again what others may be able to do in a moment.

use std::time::Duration;

use egress::{GitHubError, PullError, WorkerError};

use super::Job;
use crate::git::{CloneError, GitError, PushError, Verdict};

/// How often a fault that passes is met with another try.
const PASSING: u32 = 3;
/// How often "no" is taken for "not yet". With the daemon's usual pause that is half a minute, which is longer than a
/// provider's copies need to learn of a token or a branch.
const NOT_YET: u32 = 5;

/// Whether to try again what failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Again {
    /// It fails for good.
    No,
    /// Somebody stumbled.
    Passing,
    /// What it is about is so new that it may not be known everywhere.
    NotYet,
}

/// An error that says whether to try again.
pub(super) trait Judged: std::fmt::Display {
    /// What to do.
    fn again(&self) -> Again;
}

impl From<&Verdict> for Again {
    fn from(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Passing => Self::Passing,
            Verdict::NotYet => Self::NotYet,
            _ => Self::No,
        }
    }
}

impl Judged for GitError {
    fn again(&self) -> Again {
        (&self.verdict()).into()
    }
}

impl Judged for CloneError {
    fn again(&self) -> Again {
        match self {
            Self::Git(error) => error.again(),
            Self::Empty | Self::BaseGone | Self::RevisionGone => Again::No,
        }
    }
}

impl Judged for PushError {
    fn again(&self) -> Again {
        (&self.verdict()).into()
    }
}

impl Judged for GitHubError {
    fn again(&self) -> Again {
        match self {
            Self::Unauthorized | Self::Forbidden | Self::NotFound => Again::NotYet,
            error if error.is_transient() => Again::Passing,
            _ => Again::No,
        }
    }
}

impl Judged for PullError {
    fn again(&self) -> Again {
        match self {
            Self::HeadUnknown => Again::NotYet,
            Self::GitHub(error) => error.again(),
            Self::NoDrafts | Self::BaseUnknown => Again::No,
        }
    }
}

impl Judged for WorkerError {
    fn again(&self) -> Again {
        if self.is_transient() {
            Again::Passing
        } else {
            Again::No
        }
    }
}

/// The pauses between tries: each kind of failure has its own number of them, and they grow.
#[derive(Clone, Copy, Debug)]
struct Pauses {
    unit: Duration,
    passing: u32,
    not_yet: u32,
}

impl Pauses {
    fn new(unit: Duration) -> Self {
        Self {
            unit,
            passing: 0,
            not_yet: 0,
        }
    }

    /// How long to wait before the next try; none if there is to be none.
    fn next(&mut self, again: Again) -> Option<Duration> {
        match again {
            Again::No => None,
            Again::Passing => {
                self.passing += 1;
                (self.passing <= PASSING).then(|| self.unit * 3_u32.pow(self.passing - 1))
            }
            Again::NotYet => {
                self.not_yet += 1;
                (self.not_yet <= NOT_YET).then(|| self.unit / 2 * 2_u32.pow(self.not_yet - 1))
            }
        }
    }
}

impl Job<'_> {
    /// Does `work` again as long as its error says that this can help.
    pub(super) async fn retrying<T, E, F>(&self, work: impl FnMut() -> F) -> Result<T, E>
    where
        E: Judged,
        F: Future<Output = Result<T, E>>,
    {
        retry(self.daemon.config.pause, work).await
    }
}

/// Does `work` again as long as its error says that this can help, with longer and longer pauses in that unit.
pub(super) async fn retry<T, E, F>(unit: Duration, mut work: impl FnMut() -> F) -> Result<T, E>
where
    E: Judged,
    F: Future<Output = Result<T, E>>,
{
    let mut pauses = Pauses::new(unit);
    loop {
        let error = match work().await {
            Ok(done) => return Ok(done),
            Err(error) => error,
        };
        let Some(pause) = pauses.next(error.again()) else {
            return Err(error);
        };
        tracing::warn!(%error, "will be tried again");
        tokio::time::sleep(pause).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(again: Again) -> Vec<u64> {
        let mut pauses = Pauses::new(Duration::from_secs(2));
        std::iter::from_fn(|| pauses.next(again))
            .map(|pause| pause.as_secs())
            .collect()
    }

    #[test]
    fn pauses_grow_and_end() {
        assert_eq!(seconds(Again::No), [0_u64; 0]);
        assert_eq!(seconds(Again::Passing), [2, 6, 18]);
        assert_eq!(seconds(Again::NotYet), [1, 2, 4, 8, 16]);
    }

    #[test]
    fn not_yet_is_no_no() {
        for error in [
            GitHubError::Unauthorized,
            GitHubError::Forbidden,
            GitHubError::NotFound,
        ] {
            assert_eq!(error.again(), Again::NotYet);
            assert_eq!(PullError::GitHub(error).again(), Again::NotYet);
        }
        assert_eq!(PullError::HeadUnknown.again(), Again::NotYet);
        assert_eq!(PullError::NoDrafts.again(), Again::No);
        assert_eq!(GitHubError::Gone.again(), Again::No);
    }
}
