//! Ends a job, once.

use contract::worker::{FINDINGS_LIMIT, FinishRequest};
use domain::{Deliverable, DeliverableKind, End, Outcome, Run};
use store::Seen;

use super::{Leaseholder, Worker, WorkerError, authorize::belongs, deliverable::pull_request};
use crate::run_log::{self, WasFinished};

/// The most bytes of a pull request's address. It is kept in the run, which every transition writes anew.
const URL_LIMIT: usize = 512;

impl Worker {
    /// Ends the job. Findings are stored first, so that a run that says it has some always has them.
    pub async fn finish_job(
        &self,
        holder: &Leaseholder,
        request: FinishRequest,
    ) -> Result<(), WorkerError> {
        let seen = self
            .parts
            .store
            .see_run(&holder.job().run)
            .await?
            .ok_or(WorkerError::NotFound)?;
        belongs(&seen.run, holder.job())?;
        let task = self.definition(seen.run.definition)?.task();
        check(&seen.run, task.deliverable(), &request)?;
        // What is on record already, or is not this holder's to say, needs no look at the provider.
        if let Some(pull) = pull_request(&request.outcome)
            && seen.run.step.job.lease(holder.fence()).is_ok()
        {
            self.own_pull(&seen.run, pull).await?;
        }
        if let Some(findings) = &request.findings
            && seen.run.step.job.lease(holder.fence()).is_ok()
        {
            self.parts
                .store
                .put_findings(&holder.job().run, holder.fence(), findings)
                .await?;
        }
        let before = WasFinished::of(&seen.run);
        let now = self.parts.clock.now();
        let end = End {
            outcome: request.outcome,
            spent: request.spent,
            revision: request.revision,
        };
        let finish = |run: &mut Run| run.finish(holder.fence(), end.clone(), now);
        let (Seen { run, .. }, finished) = self.parts.store.change_seen(seen, finish).await?;
        finished?;
        run_log::ended(&run, before);
        Ok(())
    }
}

/// What a daemon reports must be possible for this run: it is not trusted to point anywhere else, nor to
/// keep more beside a run than the run can show.
fn check(run: &Run, promised: DeliverableKind, request: &FinishRequest) -> Result<(), WorkerError> {
    if let (Some(decided), Some(told)) = (run.target.revision(), &request.revision)
        && decided != told
    {
        return Err(WorkerError::Invalid {
            what: "this run was to work on another commit",
        });
    }
    let deliverable = match &request.outcome {
        Outcome::Succeeded { deliverable } | Outcome::Incomplete { deliverable, .. } => {
            Some(deliverable)
        }
        Outcome::Unchanged | Outcome::Failed { .. } | Outcome::Cancelled | Outcome::Expired => None,
    };
    match (promised, deliverable, &request.findings) {
        (DeliverableKind::PullRequest, None, Some(reason))
            if request.outcome == Outcome::Unchanged
                && (1..=FINDINGS_LIMIT).contains(&reason.len()) =>
        {
            Ok(())
        }
        (_, None, None) if request.outcome != Outcome::Unchanged => Ok(()),
        (DeliverableKind::PullRequest, Some(Deliverable::PullRequest(pull)), None)
            if run.branches().include(&pull.branch) && pull.url.len() <= URL_LIMIT =>
        {
            Ok(())
        }
        (DeliverableKind::Findings, Some(Deliverable::Findings), Some(findings))
            if (1..=FINDINGS_LIMIT).contains(&findings.len()) =>
        {
            Ok(())
        }
        _ => Err(WorkerError::Invalid {
            what: "this run cannot have that deliverable",
        }),
    }
}
