//! When an end that nobody was told of is offered to be told again.

use jiff::{SignedDuration, Timestamp};

use super::RunHead;
use crate::step::FIRST_LOOK;

/// How long an end is tried to be told.
const TELL_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);
/// The longest wait between two such tries.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);

/// What to do with a head that is over and due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TellLook {
    /// Write this, which has the time of the next look: the stream tells `relay`.
    Again(Box<RunHead>),
    /// It has been tried for as long as makes sense.
    GiveUp,
}

impl RunHead {
    /// A provider that takes no comment now may take one later, so an end is offered at growing gaps, and then once a
    /// day for thirty days. None if it is not over, or nothing of it is left to be told.
    pub fn look_to_tell(&self, now: Timestamp) -> Option<TellLook> {
        let untold = now.duration_since(self.finished()?.at);
        self.due_at()?;
        Some(if untold > TELL_FOR {
            TellLook::GiveUp
        } else {
            TellLook::Again(Box::new(self.due(Some(now + gap(untold)))))
        })
    }

    /// The same to be told again from `from` on, if the provider said so, or else after a gap that grows. None if it is
    /// not over, nothing of it is left to be told, or it is looked at by then: each write is offered to be told.
    #[must_use]
    pub fn told_later(&self, from: Option<Timestamp>, now: Timestamp) -> Option<Self> {
        let (over, due) = (self.finished()?.at, self.due_at()?);
        let at = from.unwrap_or_else(|| now + gap(now.duration_since(over)));
        let moves = match from {
            Some(from) => due != from,
            None => due > at,
        };
        moves.then(|| self.due(Some(at)))
    }

    /// The same, whose end was told, to be told once more at `from` or else soon: something older may have been written
    /// over it since. None if it is not over, or that is seen to.
    #[must_use]
    pub fn told_again(&self, from: Option<Timestamp>, now: Timestamp) -> Option<Self> {
        self.finished()?;
        let again = from.unwrap_or(now + Self::SOON);
        self.due_at().is_none().then(|| self.due(Some(again)))
    }

    /// The same with nothing left to do. None if it is not over, or was so before.
    #[must_use]
    pub fn all_told(&self) -> Option<Self> {
        self.finished()?;
        self.due_at()?;
        Some(self.due(None))
    }

    /// A due time is moved without a new version: nothing else of a head that is over changes.
    fn due(&self, at: Option<Timestamp>) -> Self {
        self.with(|parts| parts.due_at = at)
    }
}

/// The wait before an end is told again that has been untold for so long.
fn gap(untold: SignedDuration) -> SignedDuration {
    untold.clamp(FIRST_LOOK, LONGEST)
}
