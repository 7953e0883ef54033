//! Rules of the protocol that can be left out, each to show that the properties notice it.

use serde::Serialize;

macro_rules! flaws {
    ($($(#[$doc:meta])* $name:ident,)+) => {
        /// A rule that is left out.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Flaw {
            $($(#[$doc])* $name,)+
        }

        impl Flaw {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)+];
        }
    };
}

flaws! {
    /// The first commit prepares steps before its head is there.
    StepsBeforeFirstHead,
    /// A head of which nothing has begun has no due time.
    UnbegunNotDue,
    /// A step that was prepared on the same version is overwritten.
    SameBasisOverwritten,
    /// Messages are sent and steps closed before the commit.
    ReleaseBeforeCommit,
    /// A commit has no condition.
    CommitUnconditional,
    /// Closing a step removes its due time.
    ClosingRemovesDue,
    /// The due time of a step that no head names goes whatever the versions.
    UnnamedLosesDueAtOnce,
    /// A due time is removed whatever has become of the step since it was looked at.
    DueRemovedUnconditionally,
    /// The stop in force is not read once the head is there.
    HaltNotRead,
    /// Only whoever puts the head reads the stop in force.
    HaltReadByStarterOnly,
    /// A stop looks for runs before it is in force.
    StopLooksFirst,
    /// A stop ends whatever it finds, however late it was asked for.
    StopIgnoresTimes,
    /// A claim does not read the head.
    ClaimWithoutHead,
    /// Any holder of any lease may finish.
    FinishUnfenced,
    /// The record of a delivery does not name the place before the head is put.
    PlaceNotNamed,
    /// A delivery that has named its place can still be refused.
    NamedPlaceRefused,
    /// A run that is over is not compared with a request that comes again under another delivery.
    OriginOfOverForgotten,
    /// The slot's head is not read again after a request was put to wait.
    WaitingNotLookedAtAgain,
    /// A request is put to wait before that is on record.
    AskBeforeRecord,
    /// A request that waited names its place in itself, and not in the delivery's record.
    AskNamesPlace,
    /// A run whose key is its own is listed only once its head is there.
    ActAfterHead,
    /// What lists a run as unfinished has no due time.
    ActNotDue,
    /// Nothing has a due time while it waits for the slot.
    AskNotDue,
    /// The place is not put before the first post.
    PlaceNotPut,
    /// The head is not read again after a post.
    RunNotReadAgain,
    /// The head is read again before the comment is noted in the place.
    RunReadAgainBeforeNote,
    /// The end is not posted again for a record that comes after it was told.
    EndNotRepeated,
    /// The head's due time goes with its end.
    EndNotDue,
    /// Whoever wants a run to end is done once its commit has lost too often and a bell was rung.
    ControlLeftToBell,
    /// A head whose control is unfinished has no due time.
    ControlNotDue,
    /// What is finished does not count before control.
    ControlBeforeFinished,
    /// A run is over in its state before its step is closed.
    EndBeforeClosed,
}

/// Which rules are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flaws(u64);

impl Flaws {
    /// No rule is left out.
    pub const NONE: Self = Self(0);

    /// Leaves one more out.
    #[must_use]
    pub const fn with(self, flaw: Flaw) -> Self {
        Self(self.0 | 1 << flaw as u64)
    }

    /// Whether a rule is left out.
    pub const fn contain(self, flaw: Flaw) -> bool {
        self.0 & (1 << flaw as u64) != 0
    }
}
