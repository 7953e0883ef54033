//! A place where a run is told: which comment tells of it, and whether it shows the end.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::MessageId;

/// One that posts: a number that nobody else has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PosterId(pub u32);

/// How far a run has been told in a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrackingState {
    /// Somebody posts first, for a minute, so that two never do.
    Posting {
        /// Who.
        poster: PosterId,
        /// Until when nobody else does.
        until: Timestamp,
    },
    /// Nobody could post yet; it is tried again.
    PutOff,
    /// A comment exists and is kept up to date.
    Announced(MessageId),
    /// The comment shows the end.
    Told(MessageId),
    /// No comment is taken there; it has been tried for long enough.
    Unreachable,
}

/// A place where a run is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrackingPlace {
    state: TrackingState,
    due_at: Option<Timestamp>,
}

/// What one may do in a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PostTurn {
    /// Post first, once this is written: perhaps a comment is there already that nobody has noted.
    First(TrackingPlace),
    /// Edit this comment.
    Edit(MessageId),
    /// Nothing: another one posts.
    Taken,
    /// Nothing: no comment is taken there.
    Unreachable,
}

impl TrackingPlace {
    /// For how long one that posts first keeps others out. A post does not arrive later.
    pub const MINUTE: SignedDuration = SignedDuration::from_secs(60);

    /// A place with that state, which is looked at then.
    pub const fn new(state: TrackingState, due_at: Option<Timestamp>) -> Self {
        Self { state, due_at }
    }

    /// How far it has been told.
    pub const fn state(&self) -> TrackingState {
        self.state
    }

    /// When it is tried again to tell.
    pub const fn due_at(&self) -> Option<Timestamp> {
        self.due_at
    }

    /// The comment that tells.
    pub const fn comment(&self) -> Option<MessageId> {
        match self.state {
            TrackingState::Announced(comment) | TrackingState::Told(comment) => Some(comment),
            TrackingState::Posting { .. } | TrackingState::PutOff | TrackingState::Unreachable => {
                None
            }
        }
    }

    /// Whether the end is told.
    pub const fn is_told(&self) -> bool {
        matches!(self.state, TrackingState::Told(_))
    }

    /// What `poster` may do in a place where this is on record, if anything is.
    pub fn turn(there: Option<Self>, poster: PosterId, now: Timestamp) -> PostTurn {
        match there.map(|place| place.state) {
            Some(TrackingState::Announced(comment) | TrackingState::Told(comment)) => {
                PostTurn::Edit(comment)
            }
            Some(TrackingState::Posting { until, .. }) if until > now => PostTurn::Taken,
            Some(TrackingState::Unreachable) => PostTurn::Unreachable,
            None | Some(TrackingState::Posting { .. } | TrackingState::PutOff) => {
                let until = now + Self::MINUTE;
                PostTurn::First(Self::new(TrackingState::Posting { poster, until }, None))
            }
        }
    }

    /// Notes the comment that tells. What is told stays told.
    #[must_use]
    pub const fn announced(self, comment: MessageId) -> Self {
        match self.state {
            TrackingState::Told(_) => self,
            TrackingState::Posting { .. }
            | TrackingState::PutOff
            | TrackingState::Announced(_)
            | TrackingState::Unreachable => Self::new(TrackingState::Announced(comment), None),
        }
    }

    /// Notes that the comment shows the end.
    #[must_use]
    pub const fn told(self, comment: MessageId) -> Self {
        Self::new(TrackingState::Told(comment), None)
    }

    /// Notes that no comment is taken there. None if the end is told: that stays.
    #[must_use]
    pub const fn unreachable(there: Option<Self>) -> Option<Self> {
        match there {
            Some(place) if place.is_told() => None,
            Some(_) | None => Some(Self::new(TrackingState::Unreachable, None)),
        }
    }

    /// Notes that `poster` could not post, and when it is tried again. None where a comment is there, or another one
    /// posts.
    #[must_use]
    pub fn put_off(there: Option<Self>, poster: PosterId, at: Timestamp) -> Option<Self> {
        let free = match there.map(|place| place.state) {
            None | Some(TrackingState::PutOff) => true,
            Some(TrackingState::Posting { poster: now, .. }) => now == poster,
            Some(
                TrackingState::Announced(_) | TrackingState::Told(_) | TrackingState::Unreachable,
            ) => false,
        };
        free.then_some(Self::new(TrackingState::PutOff, Some(at)))
    }

    /// Notes that `poster` does not know whether its post arrives, and when it is tried again: not before it cannot arrive
    /// any more. None where a comment is there, or another one posts.
    #[must_use]
    pub fn retried(there: Option<Self>, poster: PosterId, at: Timestamp) -> Option<Self> {
        match there.map(|place| place.state) {
            Some(state @ TrackingState::Posting { poster: now, until }) if now == poster => {
                Some(Self::new(state, Some(at.max(until))))
            }
            _ => Self::put_off(there, poster, at),
        }
    }

    /// The same to be tried again once its poster cannot post any more: it may be gone. None if that is seen to, or nobody
    /// posts.
    #[must_use]
    pub fn watched(self) -> Option<Self> {
        match self.state {
            TrackingState::Posting { until, .. } if self.due_at.is_none() => {
                Some(Self::new(self.state, Some(until)))
            }
            _ => None,
        }
    }

    /// The same to be told now: written, it is in the stream. None if nothing is to be tried again.
    #[must_use]
    pub fn offered(self) -> Option<Self> {
        let waits = matches!(
            self.state,
            TrackingState::PutOff | TrackingState::Posting { .. }
        );
        (waits && self.due_at.is_some()).then_some(Self::new(TrackingState::PutOff, None))
    }
}
