//! What has become of a node.

use serde::{Deserialize, Serialize};

/// What has become of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// Something before it is not over.
    Pending,
    /// The engine has something to compute for it.
    Ready,
    /// Somebody else is at it, or it waits: an item of its own is open.
    Active,
    /// It is tried again after a delay: an item of its own is open.
    Delayed,
    /// Its item is to be closed, and is not yet.
    Closing,
    /// Its body is at work.
    Iterating,
    /// It has failed, and waits for somebody.
    Held,
    /// It is done.
    Succeeded,
    /// Something came of it, but not all.
    Incomplete,
    /// There was nothing to change.
    Unchanged,
    /// It has failed, and a rule leads on.
    Caught,
    /// It has failed.
    Failed,
    /// It was not its turn.
    Skipped,
    /// It was ended.
    Cancelled,
}

impl Status {
    /// Each with its sign.
    pub const ALL: [(Self, char); 14] = [
        (Self::Pending, '.'),
        (Self::Ready, 'r'),
        (Self::Active, 'a'),
        (Self::Delayed, 'd'),
        (Self::Closing, 'c'),
        (Self::Iterating, 'i'),
        (Self::Held, 'h'),
        (Self::Succeeded, 's'),
        (Self::Incomplete, 'n'),
        (Self::Unchanged, 'u'),
        (Self::Caught, 'k'),
        (Self::Failed, 'f'),
        (Self::Skipped, '-'),
        (Self::Cancelled, 'x'),
    ];

    /// Its sign.
    pub fn sign(self) -> char {
        let mut all = Self::ALL.into_iter();
        all.find(|(status, _)| *status == self)
            .map_or('?', |(_, sign)| sign)
    }

    pub(crate) fn of_sign(sign: char) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|(_, known)| *known == sign)
            .map(|(status, _)| status)
    }

    /// Whether nothing more becomes of it.
    pub const fn is_over(self) -> bool {
        self.leads_on() || matches!(self, Self::Failed | Self::Skipped | Self::Cancelled)
    }

    /// Whether something comes after it by one of its ports.
    pub const fn leads_on(self) -> bool {
        matches!(
            self,
            Self::Succeeded | Self::Incomplete | Self::Unchanged | Self::Caught
        )
    }

    /// Whether an item of its own is open.
    pub const fn has_open_item(self) -> bool {
        matches!(self, Self::Active | Self::Delayed | Self::Closing)
    }
}

/// Why an item is to be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Somebody wanted the run to end.
    Cancelled,
    /// The run's time is over.
    Expired,
    /// Something else has failed.
    Failed,
    /// Its time within a `timeout` is over.
    TimedOut,
    /// A merge has gone on without it, or a timer is not needed any more.
    NotNeeded,
}

impl Reason {
    /// What becomes of nodes that had not begun, or are closed.
    pub(crate) const fn leaves(self) -> Status {
        match self {
            Self::Cancelled | Self::Expired => Status::Cancelled,
            Self::Failed | Self::TimedOut | Self::NotNeeded => Status::Skipped,
        }
    }
}
