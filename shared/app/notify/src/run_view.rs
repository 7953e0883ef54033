//! What is read of a run to tell of it.

use domain::{Deliverable, Outcome, ProgressEvent, Run, RunHead, RunKey, RunState, TrackingPlace};
use store::{Store, StoreError, Versioned};

use crate::telling::Telling;

/// How many batches of progress events the comment shows lines of.
const BATCHES: i32 = 5;

/// A run with all that its comment shows of it.
#[derive(Debug)]
pub(crate) struct RunView {
    pub(crate) run: Run,
    /// The newest events of the present lease, oldest first. Only a run at work shows any.
    progress: Vec<ProgressEvent>,
    findings: Option<String>,
}

impl RunView {
    /// Reads a run that is told in `place`. None if there is no such run.
    pub(crate) async fn read(
        store: &Store,
        key: &RunKey,
        place: TrackingPlace,
    ) -> Result<Option<Self>, StoreError> {
        let Some(head) = store.head(key).await? else {
            return Ok(None);
        };
        let step = match head.names() {
            Some(named) => store.step(key, named).await?,
            None => None,
        };
        let step = step.map(Versioned::into_value);
        let run = Run::new(head, step, Some(place));
        let progress = if run.state() == RunState::Running {
            store.newest_progress(key, run.fence(), BATCHES).await?
        } else {
            Vec::new()
        };
        let findings = if has_findings(run.head()) {
            store.findings(key).await?
        } else {
            None
        };
        Ok(Some(Self {
            run,
            progress,
            findings,
        }))
    }

    /// What it tells.
    pub(crate) fn telling(&self) -> Telling<'_> {
        Telling::Run {
            run: &self.run,
            progress: &self.progress,
            findings: self.findings.as_deref(),
        }
    }
}

fn has_findings(head: &RunHead) -> bool {
    head.finished().is_some_and(|finished| {
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
