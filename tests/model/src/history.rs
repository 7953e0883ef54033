//! What has happened, as far as properties ask for it. Nothing in the protocol reads it.

use serde::Serialize;

use crate::{DELIVERIES, Head, RUNS, Run, Table};

/// Something that must never happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Violation {
    /// A run that was over was changed.
    EndUndone,
    /// A lease was given out on a step that no head names, or that is not the one that the head names.
    WrongWork,
    /// A lease was given out although the run was stopped before.
    StoppedBegan,
    /// A step was closed under a lease that was not the newest.
    StaleLeaseUsed,
}

/// What has happened.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct History {
    /// The first thing that must never happen, if it did.
    pub violation: Option<Violation>,
    /// Whether a stop that means the run was in force before its head was put.
    pub halted: [bool; RUNS],
    /// Whether a stop has been carried out.
    pub stopped: [bool; DELIVERIES],
}

impl History {
    /// Nothing.
    pub const fn empty() -> Self {
        Self {
            violation: None,
            halted: [false; RUNS],
            stopped: [false; DELIVERIES],
        }
    }

    /// Notes what must never happen.
    pub fn violated(&mut self, violation: Violation) {
        self.violation.get_or_insert(violation);
    }

    /// Notes that a head is put.
    pub fn put(&mut self, run: Run, head: &Head, table: &Table) {
        self.halted[run.index()] = table.halt.is_some_and(|halt| head.asked <= halt);
    }

    /// Notes that a head is swapped.
    pub fn committed(&mut self, old: &Head, new: &Head) {
        if old.end.is_some() && old.end != new.end {
            self.violated(Violation::EndUndone);
        }
    }
}
