//! What is wrong with a definition, gathered while it is read.

use crate::fault::Fault;

/// What is wrong so far, and how many nodes there were.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) faults: Vec<Fault>,
    pub(super) nodes: usize,
}

impl Findings {
    pub(super) fn add(
        &mut self,
        path: impl Into<String>,
        reason: impl Into<String>,
        fix: impl Into<String>,
    ) {
        self.faults.push(Fault::new(path, reason, fix));
    }
}
