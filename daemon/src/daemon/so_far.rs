//! What is known of a job at work.

use std::sync::{Mutex, OnceLock, PoisonError};

use contract::worker::FinishRequest;
use domain::{CommitSha, Spent};

use crate::job::JobResult;

/// What is known of a job at work, told also when it fails.
#[derive(Debug, Default)]
pub(super) struct SoFar {
    /// What it has used up.
    pub(super) spent: Mutex<Spent>,
    /// The commit it works on.
    pub(super) revision: OnceLock<CommitSha>,
}

impl SoFar {
    /// The end of the job.
    pub(super) fn ends(self, report: JobResult) -> FinishRequest {
        let spent = self.spent.into_inner();
        let spent = spent.unwrap_or_else(PoisonError::into_inner);
        report.request(spent, self.revision.into_inner())
    }
}
