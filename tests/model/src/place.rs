//! A place where a run is told, and what people see there.

use serde::Serialize;

use crate::{Actor, Outcome};

/// Who has said that it posts first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Poster {
    /// Nobody needs to: the comment is known.
    Nobody,
    /// This one, which is alive.
    Alive(Actor),
    /// One that is gone, and whose minute is not over.
    Gone,
    /// One whose minute is over.
    Lapsed,
}

/// The record of a place (`TRK`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Place {
    /// Who posts first.
    pub poster: Poster,
    /// Whether the comment shows the end.
    pub told: bool,
}

/// What a comment says of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Text {
    /// It waits.
    Queued,
    /// A daemon is at work.
    Running,
    /// It is over.
    End(Outcome),
}

/// The conversation at the provider, as far as it is about one run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Conversation {
    /// How many comments there are.
    pub comments: u8,
    /// What the newest says.
    pub shows: Option<Text>,
}
