//! What is read of a run to tell of it.

use domain::{Deliverable, Outcome, ProgressEvent, Run, RunState};
use store::{Seen, Store, StoreError};

use crate::telling::Telling;

/// How many batches of progress events the comment shows lines of.
const BATCHES: i32 = 5;

/// A run with all that its comment shows of it.
#[derive(Debug)]
pub(crate) struct RunView {
    pub(crate) head: Seen,
    /// The newest events of the present lease, oldest first. Only a run at work shows any.
    progress: Vec<ProgressEvent>,
    findings: Option<String>,
}

impl RunView {
    /// Reads what belongs to `head`.
    pub(crate) async fn read(store: &Store, head: Seen) -> Result<Self, StoreError> {
        let (run, key) = (&head.run, head.run.key());
        let progress = if run.state() == RunState::Running {
            store.newest_progress(&key, run.fence(), BATCHES).await?
        } else {
            Vec::new()
        };
        let findings = if has_findings(run) {
            store.findings(&key).await?
        } else {
            None
        };
        Ok(Self {
            head,
            progress,
            findings,
        })
    }

    /// What it tells.
    pub(crate) fn telling(&self) -> Telling<'_> {
        Telling::Run {
            run: &self.head.run,
            progress: &self.progress,
            findings: self.findings.as_deref(),
        }
    }
}

fn has_findings(run: &Run) -> bool {
    run.finished().is_some_and(|finished| {
        matches!(
            &finished.outcome,
            Outcome::Unchanged
                | Outcome::Succeeded {
                    deliverable: Deliverable::Findings
                }
                | Outcome::Incomplete {
                    deliverable: Deliverable::Findings,
                    ..
                }
        )
    })
}
