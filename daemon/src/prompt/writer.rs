//! Who wrote something, and whether it was there when the job was asked for.

use contract::worker::JobPayload;
use domain::{IssueComment, Login, RequestTime, Review, ReviewComment, Standing, Thread};
use jiff::Timestamp;
use serde::{Serialize, Serializer};

use crate::conversation::Conversation;

/// What a writer is to the job, or else to its repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    /// They asked for the job.
    Requester,
    /// It is the bot itself.
    Bot,
    /// Somebody else.
    Other(Standing),
}

impl Relation {
    /// Its name in the file.
    const fn name(self) -> &'static str {
        match self {
            Self::Requester => "requester",
            Self::Bot => "bot",
            Self::Other(Standing::Owner) => "owner",
            Self::Other(Standing::Member) => "member",
            Self::Other(Standing::Collaborator) => "collaborator",
            Self::Other(Standing::Contributor) => "contributor",
            Self::Other(Standing::Stranger) => "stranger",
            Self::Other(Standing::Unknown) => "unknown",
        }
    }
}

impl Serialize for Relation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// When something came to be as it is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Moment {
    /// Certainly before the job was asked for.
    Before,
    /// It was there, but may have said something else.
    ChangedAfter,
    /// It was not there.
    After,
}

/// What there is to know of an entry beside what it says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<'a> {
    author: Option<&'a Login>,
    standing: Standing,
    written: RequestTime,
    changed: Timestamp,
}

impl<'a> From<&'a IssueComment> for Entry<'a> {
    fn from(comment: &'a IssueComment) -> Self {
        Self {
            author: comment.author.as_ref(),
            standing: comment.standing,
            written: RequestTime::of_message(comment.at, comment.id),
            changed: comment.changed,
        }
    }
}

impl<'a> From<&'a Review> for Entry<'a> {
    fn from(review: &'a Review) -> Self {
        Self {
            author: review.author.as_ref(),
            standing: review.standing,
            written: RequestTime::of(review.at),
            changed: review.at,
        }
    }
}

impl<'a> From<&'a ReviewComment> for Entry<'a> {
    fn from(comment: &'a ReviewComment) -> Self {
        Self {
            author: comment.author.as_ref(),
            standing: comment.standing,
            written: RequestTime::of(comment.at),
            changed: comment.changed,
        }
    }
}

impl Entry<'_> {
    /// What its writer is.
    pub(super) fn relation(&self, payload: &JobPayload) -> Relation {
        let is = |login: &Login| self.author.is_some_and(|one| one.same_account(login));
        if self.author.is_some_and(|one| payload.requester.is(one)) {
            Relation::Requester
        } else if is(&payload.bot) {
            Relation::Bot
        } else {
            Relation::Other(self.standing)
        }
    }

    /// When it came to be as it is, seen from the request. The provider tells whole seconds: what is not certainly earlier
    /// counts as later.
    pub(super) fn moment(&self, payload: &JobPayload) -> Moment {
        let asked_in = payload.comment.and_then(|comment| comment.number());
        let asks = asked_in.is_some() && self.written.number() == asked_in;
        let Some(at) = payload.asked.filter(|_| !asks) else {
            return Moment::Before;
        };
        let asked = payload.comment.map_or_else(
            || RequestTime::of(at),
            |comment| RequestTime::of_message(at, comment),
        );
        if !asked.is_after(&self.written) {
            Moment::After
        } else if self.changed > self.written.at() && self.changed >= at {
            Moment::ChangedAfter
        } else {
            Moment::Before
        }
    }

    /// Whether it is not told: whoever asked cannot have meant what was not there, unless they say it themselves. What came
    /// of an earlier job is ours.
    pub(super) fn is_late(&self, payload: &JobPayload) -> bool {
        match self.relation(payload) {
            Relation::Requester | Relation::Bot => false,
            Relation::Other(_) => self.moment(payload) != Moment::Before,
        }
    }
}

/// How many entries of `conversation` are not told because they are late.
pub(super) fn late(payload: &JobPayload, conversation: &Conversation) -> usize {
    let comments = conversation.comments.entries().map(Entry::from);
    let pull = conversation.pull.iter();
    let of_pull = pull.flat_map(|pull| {
        let threads = pull.threads.entries().flat_map(Thread::comments);
        let reviews = pull.reviews.entries().map(Entry::from);
        reviews.chain(threads.map(Entry::from))
    });
    let all = comments.chain(of_pull);
    all.filter(|entry| entry.is_late(payload)).count()
}
