//! Ends a job, once, and moves its run on.

use contract::worker::{FINDINGS_LIMIT, FinishRequest};
use domain::{Deliverable, DeliverableKind, End, Outcome, RunHead, StepAttempt, StepFinished};
use store::Versioned;

use super::{Leaseholder, Worker, WorkerError, deliverable::pull_request};
use crate::advance_run::Look;

/// The most bytes of a pull request's address. It is kept in the run, which every commit writes anew.
const URL_LIMIT: usize = 512;

impl Worker {
    /// Ends the job. Findings are stored first, so that a run that says it has some always has them. The same end told
    /// again goes on where it stopped: once the step is closed, whoever comes moves its run on.
    pub async fn finish_job(
        &self,
        holder: &Leaseholder,
        request: FinishRequest,
    ) -> Result<(), WorkerError> {
        let head = self.head_of(holder.job()).await?;
        let read = self.step_of(holder.job()).await?;
        let task = self.definition(head.definition())?.task();
        check(&head, task.deliverable(), &request)?;
        // What is on record already, or is not this holder's to say, needs no look at the provider.
        let holds = read.value().lease(holder.fence()).is_ok();
        if let Some(pull) = pull_request(&request.outcome)
            && holds
        {
            self.own_pull(head.target(), pull).await?;
        }
        if let Some(findings) = &request.findings
            && holds
        {
            self.parts
                .store
                .put_findings(&holder.job().run, holder.fence(), findings)
                .await?;
        }
        let end = End {
            outcome: request.outcome,
            spent: request.spent,
            revision: request.revision,
        };
        let closed = self.close(holder, read, end).await?;
        let look = Look::Closed(closed, Box::new(head));
        self.look(&holder.job().run, look).await
    }

    /// Closes the step under the lease.
    pub(super) async fn close(
        &self,
        holder: &Leaseholder,
        mut read: Versioned<StepAttempt>,
        end: End,
    ) -> Result<Versioned<StepAttempt>, WorkerError> {
        loop {
            let now = self.parts.clock.now();
            let step = read.value().clone();
            let next = match step.finish(holder.fence(), end.clone(), now)? {
                StepFinished::Now(next) => next,
                StepFinished::Before(_) => return Ok(read),
            };
            match self.swap_step(holder.job(), &read, next).await? {
                Ok(closed) => return Ok(closed),
                Err(newer) => read = newer,
            }
        }
    }
}

/// What a daemon reports must be possible for this run: it is not trusted to point anywhere else, nor to
/// keep more beside a run than the run can show.
fn check(
    head: &RunHead,
    promised: DeliverableKind,
    request: &FinishRequest,
) -> Result<(), WorkerError> {
    if let (Some(decided), Some(told)) = (head.target().revision(), &request.revision)
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
            if head.branches().include(&pull.branch) && pull.url.len() <= URL_LIMIT =>
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
