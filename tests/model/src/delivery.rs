//! Requests, and what is on record of them.

use serde::Serialize;

use crate::{Asked, Run};

/// What a delivery asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// A run.
    Start {
        /// When it was asked for.
        asked: Asked,
        /// The key of its origin, such as the comment.
        key: u8,
    },
    /// The end of everything that was asked for until then.
    Stop(Asked),
}

/// What is on record of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    /// Nothing.
    Absent,
    /// It starts the run at this place.
    Starting(Run),
    /// It waits for the slot.
    Waiting,
    /// It stops the run at this place, if any.
    Stopping(Option<Run>),
    /// It was refused, with an answer.
    Refused,
}
