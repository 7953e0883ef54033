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
    /// It is being made, by another call of this process.
    Begun(Post),
    /// It was begun and has failed. What the comment says is not known, nor whether that is older than what another process
    /// posted.
    InDoubt,
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
            Some(LastPost::Begun(last)) => next.turn_beside(last, interval),
            Some(LastPost::InDoubt) | None => Turn::Now,
        }
    }

    /// Whether a post was begun of which it is not known what became of it.
    pub(crate) fn in_doubt(&self, run: &RunKey) -> bool {
        let last = self.lock();
        matches!(last.get(run), Some(LastPost::Begun(_) | LastPost::InDoubt))
    }

    /// Keeps in mind that a post begins.
    pub(crate) fn begin(&self, run: &RunKey, post: Post) {
        self.put(run, LastPost::Begun(post));
    }

    /// Keeps in mind that it is not known what became of a post, if one was begun.
    pub(crate) fn fail(&self, run: &RunKey) {
        if let Some(last @ LastPost::Begun(_)) = self.lock().get_mut(run) {
            *last = LastPost::InDoubt;
        }
    }

    /// Keeps the post that was begun, unless a later one has begun since.
    pub(crate) fn done(&self, run: &RunKey, post: Post) {
        let later = match self.lock().get(run) {
            Some(LastPost::Begun(other) | LastPost::Done(other)) => other.at > post.at,
            Some(LastPost::InDoubt) | None => false,
        };
        if !later {
            self.put(run, LastPost::Done(post));
        }
    }

    /// Nothing is posted of the run any more.
    pub(crate) fn forget(&self, run: &RunKey) {
        self.lock().remove(run);
    }

    fn put(&self, run: &RunKey, post: LastPost) {
        let mut posts = self.lock();
        if posts.len() >= MOST {
            posts.retain(|_, last| !matches!(last, LastPost::Done(_)));
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
        if self.state == last.state && self.digest == last.digest {
            return Turn::Never;
        }
        self.turn_beside(last, interval)
    }

    /// The same while it is not known yet whether the comment says what the last one shows.
    fn turn_beside(&self, last: &Self, interval: SignedDuration) -> Turn {
        let from = last.at + interval;
        if self.state != last.state || from <= self.at {
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
        posts.begin(&key(0), post(RunState::Running, "a", 0));
        posts.fail(&key(0));
        for number in 1..=u64::try_from(MOST).unwrap() {
            posts.done(&key(number), post(RunState::Running, "a", 0));
        }
        assert!(posts.in_doubt(&key(0)));
        assert!(posts.lock().len() < MOST);
    }

    #[test]
    fn progress_waits_for_a_post_that_another_call_is_making() {
        let (posts, from) = (LastPosts::default(), Timestamp::from_second(5).unwrap());
        posts.begin(&key(1), post(RunState::Running, "a", 0));
        for (state, text, second, turn) in [
            (RunState::Running, "b", 4, Turn::At(from)),
            (RunState::Running, "a", 4, Turn::At(from)),
            (RunState::Running, "b", 5, Turn::Now),
            (RunState::Succeeded, "c", 1, Turn::Now),
        ] {
            let next = post(state, text, second);
            assert_eq!(posts.turn(&key(1), &next, INTERVAL), turn, "{next:?}");
        }
        posts.fail(&key(1));
        let next = post(RunState::Running, "a", 1);
        assert_eq!(posts.turn(&key(1), &next, INTERVAL), Turn::Now);
    }

    #[test]
    fn a_post_that_ends_late_does_not_hide_the_one_that_has_begun_since() {
        let posts = LastPosts::default();
        let early = post(RunState::Running, "a", 0);
        posts.begin(&key(1), early);
        posts.begin(&key(1), post(RunState::Running, "b", 5));
        posts.done(&key(1), early);
        let next = post(RunState::Running, "c", 6);
        let from = Timestamp::from_second(10).unwrap();
        assert_eq!(posts.turn(&key(1), &next, INTERVAL), Turn::At(from));
    }

    #[test]
    fn what_became_of_a_post_that_was_only_begun_is_in_doubt() {
        let (posts, said) = (LastPosts::default(), post(RunState::Running, "a", 0));
        assert!(!posts.in_doubt(&key(1)));
        posts.fail(&key(1));
        assert!(!posts.in_doubt(&key(1)), "nothing was begun");
        posts.done(&key(1), said);
        posts.begin(&key(1), said);
        assert!(posts.in_doubt(&key(1)) && !posts.in_doubt(&key(2)));
        posts.fail(&key(1));
        assert!(posts.in_doubt(&key(1)));
        assert_eq!(posts.turn(&key(1), &said, INTERVAL), Turn::Now);
        posts.done(&key(1), said);
        assert!(!posts.in_doubt(&key(1)));
        assert_eq!(posts.turn(&key(1), &said, INTERVAL), Turn::Never);
        posts.begin(&key(1), said);
        posts.forget(&key(1));
        assert!(!posts.in_doubt(&key(1)));
    }
}
