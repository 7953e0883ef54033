//! Trying again what others may be able to do in a moment.

use std::time::Duration;

use domain::SharedClock;
use egress::WorkerError;
use github::{GitHubError, PullError};

use jiff::{SignedDuration, Timestamp};

use super::JobContext;
use crate::git::{CloneError, GitError, MoveError, PushError, Verdict};

/// How often a fault that passes is met with another try.
const PASSING: u32 = 3;
/// How often "no" is taken for "not yet". With the daemon's usual pause that is half a minute, which is longer than a
/// provider's copies need to learn of a token or a branch.
const NOT_YET: u32 = 5;

/// The longest that a provider's limit is waited for at once.
const LONGEST_PAUSE: Duration = Duration::from_mins(5);

/// Whether to try again what failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Again {
    /// It fails for good.
    No,
    /// Somebody stumbled.
    Passing,
    /// The provider takes nothing before then.
    Limited(Timestamp),
    /// What it is about is so new that it may not be known everywhere.
    NotYet,
}

/// Whether a credential may be too new to be known everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Age {
    /// It was made a moment ago.
    New,
    /// It was there long before.
    Old,
}

impl Age {
    /// The age of what was made so long ago, if it is known everywhere after `known`. That it worked before says less,
    /// since not every copy of the provider's learns of it at once.
    pub(super) fn after(passed: SignedDuration, known: Duration) -> Self {
        match Duration::try_from(passed) {
            Ok(passed) if passed >= known => Self::Old,
            _ => Self::New,
        }
    }
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
            Self::Empty | Self::BaseGone | Self::RevisionGone | Self::Checkout(_) => Again::No,
        }
    }
}

impl Judged for PushError {
    fn again(&self) -> Again {
        (&self.verdict()).into()
    }
}

impl Judged for MoveError {
    fn again(&self) -> Again {
        match self {
            Self::Git(error) => error.again(),
            Self::Same | Self::Unfitting | Self::Change(_) => Again::No,
        }
    }
}

impl Judged for GitHubError {
    fn again(&self) -> Again {
        match self {
            Self::Unauthorized | Self::Forbidden | Self::NotFound => Again::NotYet,
            Self::RateLimited { until } => Again::Limited(*until),
            Self::Unavailable { .. } => Again::Passing,
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

    /// How long to wait at `now` before the next try; none if there is to be none.
    fn next(&mut self, again: Again, now: Timestamp) -> Option<Duration> {
        match again {
            Again::No => None,
            Again::Passing => {
                self.passing += 1;
                (self.passing <= PASSING).then(|| self.unit * 3_u32.pow(self.passing - 1))
            }
            Again::Limited(until) => {
                let left = Duration::try_from(until.duration_since(now)).unwrap_or_default();
                let pause = self.next(Again::Passing, now)?;
                Some(pause.max(left.min(LONGEST_PAUSE)))
            }
            Again::NotYet => {
                self.not_yet += 1;
                (self.not_yet <= NOT_YET).then(|| self.unit / 2 * 2_u32.pow(self.not_yet - 1))
            }
        }
    }
}

impl JobContext<'_> {
    /// Does `work` again as long as its error says that this can help. A limit of the provider's is waited for: work that was
    /// begun is worth minutes.
    pub(super) async fn retrying<T, E, F>(&self, work: impl FnMut() -> F) -> Result<T, E>
    where
        E: Judged,
        F: Future<Output = Result<T, E>>,
    {
        retry(&self.daemon.clock, self.daemon.config.pause, work).await
    }

    /// How long it takes at least until "no" is no "not yet" any more.
    pub(super) fn not_yet(&self) -> Duration {
        self.daemon.config.pause / 2 * (2_u32.pow(NOT_YET) - 1)
    }

    /// The same with a credential of that age.
    pub(super) async fn retrying_with<T, E, F>(
        &self,
        age: Age,
        mut work: impl FnMut() -> F,
    ) -> Result<T, E>
    where
        E: Judged,
        F: Future<Output = Result<T, E>>,
    {
        let tried = self.retrying(|| {
            let working = work();
            async move { working.await.map_err(|error| Aged(error, age)) }
        });
        tried.await.map_err(|Aged(error, _)| error)
    }
}

/// An error in answer to a credential of that age: a "no" to an old one is no "not yet".
#[derive(Debug)]
struct Aged<E>(E, Age);

impl<E: std::fmt::Display> std::fmt::Display for Aged<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl<E: Judged> Judged for Aged<E> {
    fn again(&self) -> Again {
        match (self.1, self.0.again()) {
            (Age::Old, Again::NotYet) => Again::No,
            (_, again) => again,
        }
    }
}

/// Does `work` again as long as its error says that this can help, with longer and longer pauses in that unit.
pub(super) async fn retry<T, E, F>(
    clock: &SharedClock,
    unit: Duration,
    mut work: impl FnMut() -> F,
) -> Result<T, E>
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
        let Some(pause) = pauses.next(error.again(), clock.now()) else {
            return Err(error);
        };
        tracing::warn!(%error, "will be tried again");
        tokio::time::sleep(pause).await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use domain::Clock;

    use super::*;

    /// A clock that stands still.
    #[derive(Debug)]
    struct Still;

    impl Clock for Still {
        fn now(&self) -> Timestamp {
            Timestamp::UNIX_EPOCH
        }
    }

    fn seconds(again: Again) -> Vec<u64> {
        let mut pauses = Pauses::new(Duration::from_secs(2));
        std::iter::from_fn(|| pauses.next(again, Timestamp::UNIX_EPOCH))
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
    fn a_limit_is_waited_for_but_not_for_long() {
        let at = |second| Again::Limited(Timestamp::from_second(second).unwrap());
        assert_eq!(seconds(at(60)), [60, 60, 60]);
        assert_eq!(seconds(at(3_600)), [300, 300, 300]);
        assert_eq!(seconds(at(-1)), [2, 6, 18]);
        let until = Timestamp::from_second(60).unwrap();
        let limited = GitHubError::RateLimited { until };
        assert_eq!(limited.again(), at(60));
        assert_eq!(PullError::GitHub(limited).again(), at(60));
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_limit_refuses_is_done_when_the_limit_is_lifted() {
        let begun = tokio::time::Instant::now();
        let clock: SharedClock = Arc::new(Still);
        let until = Timestamp::from_second(60).unwrap();
        let work = || async {
            match begun.elapsed().as_secs() {
                60.. => Ok(()),
                _ => Err(GitHubError::RateLimited { until }),
            }
        };
        let done = retry(&clock, Duration::from_secs(2), work).await;
        assert_eq!((done, begun.elapsed().as_secs()), (Ok(()), 60));
    }

    #[test]
    fn no_is_not_yet_as_long_as_a_credential_is_new() {
        let known = Duration::from_secs(31);
        for (passed, age) in [
            (-1, Age::New),
            (0, Age::New),
            (30, Age::New),
            (31, Age::Old),
        ] {
            let passed = SignedDuration::from_secs(passed);
            assert_eq!(Age::after(passed, known), age, "{passed}");
        }
        let until = Timestamp::UNIX_EPOCH;
        for (error, new, old) in [
            (GitHubError::NotFound, Again::NotYet, Again::No),
            (
                GitHubError::RateLimited { until },
                Again::Limited(until),
                Again::Limited(until),
            ),
            (GitHubError::Gone, Again::No, Again::No),
        ] {
            assert_eq!(Aged(error.clone(), Age::New).again(), new, "{error}");
            assert_eq!(Aged(error.clone(), Age::Old).again(), old, "{error}");
        }
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
