//! What was read of the conversation before the agent starts.

use contract::worker::JobPayload;
use domain::{CommitSha, Excerpt, IssueComment, Marker, Review, Thread};

/// What was said about an issue or pull request. All of it is untrusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Conversation {
    /// What was said of the whole.
    pub(crate) comments: Part<Excerpt<IssueComment>>,
    /// What there is more of a pull request.
    pub(crate) pull: Option<PullTalk>,
}

/// What there is of a pull request alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PullTalk {
    /// Its newest commit, if that is not the one to work on.
    pub(crate) moved_to: Option<CommitSha>,
    /// Its reviews.
    pub(crate) reviews: Part<Excerpt<Review>>,
    /// What was said of its lines.
    pub(crate) threads: Part<Excerpt<Thread>>,
    /// What the commit to work on changes.
    pub(crate) diff: Part<Diff>,
}

/// What could not be read of a conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Unread(Vec<&'static str>);

impl Conversation {
    /// What of it could not be read.
    pub(crate) fn unread(&self) -> Unread {
        let mut unread = vec![self.comments.unread("the comments")];
        if let Some(pull) = &self.pull {
            unread.push(pull.reviews.unread("the reviews"));
            unread.push(pull.threads.unread("the comments on lines"));
            unread.push(pull.diff.unread("the change as GitHub shows it"));
        }
        Unread(unread.into_iter().flatten().collect())
    }
}

impl Unread {
    /// All was read.
    #[cfg(test)]
    pub(crate) const NOTHING: Self = Self(Vec::new());

    /// What people are told of it; none if all was read.
    pub(crate) fn note(&self) -> Option<String> {
        let Self(parts) = self;
        (!parts.is_empty()).then(|| {
            format!(
                "**Not all was known:** GitHub did not let these be read: {}.",
                parts.join(", ")
            )
        })
    }
}

impl<T> Part<T> {
    fn unread(&self, name: &'static str) -> Option<&'static str> {
        match self {
            Self::Read(_) => None,
            Self::Unread => Some(name),
        }
    }
}

/// A part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part<T> {
    /// As it was read.
    Read(T),
    /// It could not be read, which the agent and people are told.
    Unread,
}

impl<T> Part<Excerpt<T>> {
    /// The entries that were read, oldest first.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &T> {
        let all = match self {
            Self::Read(all) => Some(all),
            Self::Unread => None,
        };
        all.into_iter()
            .flat_map(|all| all.beginning().iter().chain(all.newest()))
    }
}

/// A change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Diff {
    /// As git writes it.
    Text(String),
    /// More than the provider shows.
    TooLarge,
}

/// Whether a comment is one by which Switchyard only keeps people up to date on the job at hand, or answers what was no
/// job. Its comments of earlier runs hold what came of them, which is worth knowing.
pub(crate) fn is_upkeep(comment: &IssueComment, payload: &JobPayload) -> bool {
    let own = comment
        .author
        .as_ref()
        .is_some_and(|author| author.same_account(&payload.bot));
    match Marker::of(&comment.text) {
        Some(Marker::Run(run)) => own && run == payload.run,
        Some(Marker::Request(_) | Marker::Message(_)) => own,
        None => false,
    }
}
