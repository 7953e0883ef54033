//! Reading what was said about the issue or pull request.

use std::{
    fmt,
    sync::atomic::{AtomicBool, Ordering},
};

use domain::{CommitSha, Excerpt, IssueComment, ItemKind, Thread};
use github::{GitHubError, GitHubWithToken, PullNow};

use super::{
    JobContext,
    retry::{Again, Judged},
    token::Token,
};
use crate::conversation::{Conversation, Diff, Part, PullTalk};

impl JobContext<'_> {
    /// Reads the conversation. A part that cannot be read, however often it is tried, is no reason to give up the work:
    /// the agent and people are told that it is missing.
    pub(super) async fn conversation(&self, token: &Token) -> Conversation {
        let reading = Reading {
            job: self,
            github: self.github(token),
            token,
            limited: AtomicBool::new(false),
        };
        match self.payload.kind {
            ItemKind::Issue => Conversation {
                comments: reading.of_issue().await,
                pull: None,
            },
            ItemKind::PullRequest => reading.of_pull().await,
        }
    }
}

struct Reading<'a, 'j> {
    job: &'a JobContext<'j>,
    github: GitHubWithToken,
    token: &'a Token,
    /// Whether a limit was waited for in vain.
    limited: AtomicBool,
}

/// An error, and whether a limit was waited for in vain before: then it is not waited for again.
struct Answered<'a> {
    error: GitHubError,
    limited: &'a AtomicBool,
}

impl fmt::Display for Answered<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl Judged for Answered<'_> {
    fn again(&self) -> Again {
        match self.error.again() {
            Again::Limited(_) if self.limited.load(Ordering::Relaxed) => Again::No,
            again => again,
        }
    }
}

impl Reading<'_, '_> {
    async fn of_issue(&self) -> Part<Excerpt<IssueComment>> {
        let (repository, number) = (&self.job.payload.repository, self.job.payload.number);
        let comments = || self.github.comments(repository, number);
        part("comments", self.ask(comments).await)
    }

    /// Asks first what there is, so that nothing is asked for that is not there.
    async fn of_pull(&self) -> Conversation {
        let (repository, number) = (&self.job.payload.repository, self.job.payload.number);
        let now = || self.github.pull_now(repository, number);
        let now = match part("pull request", self.ask(now).await) {
            Part::Read(now) => Some(now),
            Part::Unread => None,
        };
        let comments = match now {
            Some(PullNow { comments: 0, .. }) => Part::Read(Excerpt::whole(Vec::new())),
            _ => self.of_issue().await,
        };
        let reviews = || self.github.reviews(repository, number);
        let reviews = part("reviews", self.ask(reviews).await);
        let threads = match now {
            Some(PullNow {
                review_comments: 0, ..
            }) => Part::Read(Excerpt::whole(Vec::new())),
            _ => self.threads().await,
        };
        Conversation {
            comments,
            pull: Some(PullTalk {
                reviews,
                threads,
                diff: self.diff(now.as_ref()).await,
                moved_to: now.map(|now| now.head).filter(|head| self.is_other(head)),
            }),
        }
    }

    /// Asks again as long as that can help, by the age that the token has at the beginning.
    async fn ask<T, F>(&self, mut ask: impl FnMut() -> F) -> Result<T, GitHubError>
    where
        F: Future<Output = Result<T, GitHubError>>,
    {
        let limited = &self.limited;
        // The future of a call is large; whoever waits for it need not be.
        let asked = Box::pin(self.job.retrying_with(self.job.age(self.token), || {
            let asking = ask();
            async move { asking.await.map_err(|error| Answered { error, limited }) }
        }));
        let asked = asked.await.map_err(|answered| answered.error);
        if let Err(GitHubError::RateLimited { .. }) = asked {
            self.limited.store(true, Ordering::Relaxed);
        }
        asked
    }

    async fn threads(&self) -> Part<Excerpt<Thread>> {
        let (repository, number) = (&self.job.payload.repository, self.job.payload.number);
        let comments = || self.github.review_comments(repository, number);
        match part("comments on lines", self.ask(comments).await) {
            Part::Read(comments) => Part::Read(Thread::gather(comments)),
            Part::Unread => Part::Unread,
        }
    }

    /// What the commit to work on changes, which may not be the pull request's newest any more.
    async fn diff(&self, now: Option<&PullNow>) -> Part<Diff> {
        let payload = self.job.payload;
        let (repository, number) = (&payload.repository, payload.number);
        let read = match (now, &payload.revision) {
            (Some(now), Some(revision)) if now.head != *revision => {
                let diff = || self.github.diff_since(repository, &now.base, revision);
                self.ask(diff).await
            }
            _ => {
                let diff = || self.github.pull_diff(repository, number);
                self.ask(diff).await
            }
        };
        match read {
            Err(GitHubError::TooLarge { .. }) => Part::Read(Diff::TooLarge),
            read => part("diff", read.map(Diff::Text)),
        }
    }

    fn is_other(&self, head: &CommitSha) -> bool {
        let decided = self.job.payload.revision.as_ref();
        decided.is_some_and(|decided| decided != head)
    }
}

fn part<T>(what: &str, read: Result<T, GitHubError>) -> Part<T> {
    match read {
        Ok(read) => Part::Read(read),
        Err(error) => {
            tracing::warn!(%error, part = what, "a part of the conversation could not be read");
            Part::Unread
        }
    }
}
