//! The atomic effects that use cases are made of. Between any two of one actor, others may act, and it may die.

use std::fmt;

use serde::Serialize;

use crate::{Delivery, Node};

macro_rules! effects {
    ($($(#[$doc:meta])* $name:ident $(($of:ty))? => $words:literal,)+) => {
        /// One effect: a read, a conditional write, a message or a post.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Effect {
            $($(#[$doc])* $name $(($of))?,)+
        }

        impl Effect {
            /// What each of them says.
            pub const WORDS: &[&str] = &[$($words,)+];
        }

        impl fmt::Display for Effect {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match *self {
                    $(effects!(@pattern $name $(of $of)?) => effects!(@write f $words $(of $of)?),)+
                }
            }
        }
    };
    (@pattern $name:ident) => { Self::$name };
    (@pattern $name:ident of $of:ty) => { Self::$name(_) };
    (@write $f:ident $words:literal $(of $of:ty)?) => { $f.write_str($words) };
}

effects! {
    /// Reads what is on record of the delivery, and the definition.
    ReadDelivery => "reads its delivery",
    /// Reads the newest heads of the slot and decides where the run goes.
    FindPlace => "looks for a place in the slot",
    /// Swaps the delivery's record to the place of the run.
    NamePlace => "names the place in the delivery's record",
    /// Lists the run as unfinished.
    PutAct => "lists the run as unfinished",
    /// Deletes that.
    DeleteAct => "lists the run as unfinished no more",
    /// Puts the head if there is none.
    PutHead => "puts the head",
    /// Swaps the delivery's record to refused.
    RefuseDelivery => "refuses the delivery",
    /// Swaps the delivery's record to waiting.
    NoteWaiting => "notes that the delivery waits",
    /// Puts the request that waits for the slot, with a due time.
    PutAsk => "puts the request to wait",
    /// Deletes the request that waited for the slot.
    DeleteAsk => "deletes the request that waited",
    /// Reads the stop in force.
    ReadHalt => "reads the stop in force",
    /// Puts the stop in force, unless a later one is.
    PutHalt => "puts the stop in force",
    /// Looks for the unfinished runs and the waiting requests that the stop means.
    FindRuns => "looks for what to stop",
    /// Names in the delivery's record what it stops.
    NamePlacesToStop => "names what it stops in its record",
    /// Swaps the record of a waiting delivery to refused.
    RefuseWaiting(Delivery) => "refuses a delivery that waits",
    /// Deletes the request of a delivery that was refused.
    DeleteRefused(Delivery) => "deletes the request of a refused delivery",
    /// Reads the head, folds the items that it names, and advances the state.
    LoadRun => "loads the head and folds",
    /// Puts a step, if there is none or only an older one that has not begun.
    PrepareStep(Node) => "prepares a step",
    /// Swaps the head, if it is what was loaded.
    Commit => "commits the head",
    /// Swaps the head to itself with a new version, so that no commit on what was folded before succeeds.
    CommitUnchanged => "commits the head unchanged",
    /// Sends a job.
    SendJob(Node) => "sends a job",
    /// Closes a step that is to be closed, unless somebody is at work on it.
    CloseStep(Node) => "closes a step",
    /// Removes the due time of a step that is over and counted.
    ClearStepDue(Node) => "removes a step's due time",
    /// Rings for the next request of the slot.
    RingNext => "rings for the next",
    /// Rings for the run.
    RingRun => "rings for the run",
    /// Reads the head before a claim.
    ReadHead => "reads the head",
    /// Gives out a lease on the step.
    TakeLease => "takes the lease",
    /// Closes the step under the lease.
    FinishStep => "finishes the step",
    /// Ends the lease without an end of the step.
    QueueStep => "gives the step back",
    /// Reads a step that is due, and its head.
    ReadStep => "reads the step that is due",
    /// Removes the due time of a step that no head names.
    ClearUnnamedDue => "removes the due time of an unnamed step",
    /// Closes a step that was lost too often.
    GiveUpStep => "gives the step up",
    /// Reads the place.
    ReadPlace => "reads the place",
    /// Puts the place: says who posts first.
    PutPlace => "puts the place",
    /// Reads the run that is told.
    ReadRun => "reads the run",
    /// Looks for a comment that an earlier poster may have made.
    FindComment => "looks for the comment",
    /// Makes or edits the comment.
    PostComment => "posts",
    /// Notes the comment in the place.
    NotePlace => "notes the comment in the place",
    /// Reads the run again after a post.
    ReadRunAgain => "reads the run again",
    /// Notes that the end is told.
    NoteTold => "notes that the end is told",
    /// Removes the due time of a head whose end is told.
    ClearHeadDue => "removes the head's due time",
}
