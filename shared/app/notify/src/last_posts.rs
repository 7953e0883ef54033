//! What this process last posted of each run, and when it may post again.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Mutex, MutexGuard, PoisonError},
};

use domain::{RunKey, RunState};
use jiff::{SignedDuration, Timestamp};

/// The most runs of which a post is kept; when there are more, all but those in doubt are forgotten.
const MOST: usize = 2_000;

/// The last posts of runs that are not over. They are only kept in memory: to forget one that is done costs a needless edit.
#[derive(Debug, Default)]
pub(crate) struct LastPosts(Mutex<HashMap<RunKey, LastPost>>);

/// How far a post has come.
#[derive(Clone, Copy, Debug)]
enum LastPost {
    /// It was begun. What the comment says is not known, nor whether that is older than what another process posted.
    Begun,
    /// The comment says this, and the run was in the same state when that had been posted.
    Done(Post),
}

/// A text for a run's comment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Post {
    state: RunState,
    digest: u64,
    at: Timestamp,
}

/// When a text is posted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// At once.
    Now,
    /// Not before then.
    At(Timestamp),
    /// The comment says it already.
    Never,
}

impl LastPosts {
    /// When `next` is posted: another state at once, progress alone once in `interval`.
    pub(crate) fn turn(&self, run: &RunKey, next: &Post, interval: SignedDuration) -> Turn {
        match self.lock().get(run) {
            Some(LastPost::Done(last)) => next.turn_after(last, interval),
            Some(LastPost::Begun) | None => Turn::Now,
        }
    }

    /// Whether a post was begun of which it is not known what became of it.
    pub(crate) fn in_doubt(&self, run: &RunKey) -> bool {
        matches!(self.lock().get(run), Some(LastPost::Begun))
    }

    /// Keeps in mind that a post begins. Whoever fails before [`Self::done`] leaves it in doubt.
    pub(crate) fn begin(&self, run: &RunKey) {
        self.put(run, LastPost::Begun);
    }

    /// Keeps the post that was begun.
    pub(crate) fn done(&self, run: &RunKey, post: Post) {
        self.put(run, LastPost::Done(post));
    }

    /// Nothing is posted of the run any more.
    pub(crate) fn forget(&self, run: &RunKey) {
        self.lock().remove(run);
    }

    fn put(&self, run: &RunKey, post: LastPost) {
        let mut posts = self.lock();
        if posts.len() >= MOST {
            posts.retain(|_, last| matches!(last, LastPost::Begun));
        }
        posts.insert(run.clone(), post);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<RunKey, LastPost>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Post {
    /// `text`, which shows the run in `state`, at the time `at`.
    pub(crate) fn new(state: RunState, text: &str, at: Timestamp) -> Self {
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        Self {
            state,
            digest: hasher.finish(),
            at,
        }
    }

    fn turn_after(&self, last: &Self, interval: SignedDuration) -> Turn {
        let from = last.at + interval;
        if self.state != last.state {
            Turn::Now
        } else if self.digest == last.digest {
            Turn::Never
        } else if from <= self.at {
            Turn::Now
        } else {
            Turn::At(from)
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::RunSequence;

    use super::*;

    const INTERVAL: SignedDuration = SignedDuration::from_secs(5);

    fn key(number: u64) -> RunKey {
        RunKey {
            subject: testkit::issue_key(&testkit::connection("acme", 7), 3, number),
            name: testkit::IMPLEMENT,
            sequence: RunSequence::FIRST,
        }
    }

    fn post(state: RunState, text: &str, second: i64) -> Post {
        Post::new(state, text, Timestamp::from_second(second).unwrap())
    }

    #[test]
    fn progress_waits_its_turn_and_a_change_of_state_does_not() {
        let posts = LastPosts::default();
        posts.done(&key(1), post(RunState::Running, "a", 0));
        let from = Timestamp::from_second(5).unwrap();
        for (state, text, second, turn) in [
            (RunState::Running, "b", 4, Turn::At(from)),
            (RunState::Running, "b", 5, Turn::Now),
            (RunState::Running, "a", 9, Turn::Never),
            (RunState::Queued, "a", 1, Turn::Now),
            (RunState::Succeeded, "c", 1, Turn::Now),
        ] {
            let next = post(state, text, second);
            assert_eq!(posts.turn(&key(1), &next, INTERVAL), turn, "{next:?}");
        }
        let next = post(RunState::Running, "a", 1);
        assert_eq!(posts.turn(&key(2), &next, INTERVAL), Turn::Now, "unknown");
    }

    #[test]
    fn a_doubt_outlasts_whatever_is_posted_of_others() {
        let posts = LastPosts::default();
        posts.begin(&key(0));
        for number in 1..=u64::try_from(MOST).unwrap() {
            posts.done(&key(number), post(RunState::Running, "a", 0));
        }
        assert!(posts.in_doubt(&key(0)));
        assert!(posts.lock().len() < MOST);
    }

    #[test]
    fn what_became_of_a_post_that_was_only_begun_is_in_doubt() {
        let (posts, said) = (LastPosts::default(), post(RunState::Running, "a", 0));
        assert!(!posts.in_doubt(&key(1)));
        posts.done(&key(1), said);
        posts.begin(&key(1));
        assert!(posts.in_doubt(&key(1)) && !posts.in_doubt(&key(2)));
        assert_eq!(posts.turn(&key(1), &said, INTERVAL), Turn::Now);
        posts.done(&key(1), said);
        assert!(!posts.in_doubt(&key(1)));
        assert_eq!(posts.turn(&key(1), &said, INTERVAL), Turn::Never);
        posts.begin(&key(1));
        posts.forget(&key(1));
        assert!(!posts.in_doubt(&key(1)));
    }
}
