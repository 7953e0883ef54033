//! Takes a job back from a daemon that cannot go on with it.

use contract::worker::ReleaseRequest;
use domain::{RunHead, StepAttempt, StepReleased};
use store::Versioned;

use super::{Leaseholder, Worker, WorkerError};
use crate::{AppError, advance_run::Look};

impl Worker {
    /// Ends the lease without an end of the job, and queues the job for another daemon. What is on record comes first:
    /// if the sending fails, the daemon says it again, or the scheduler finds the job within minutes. A run that is to
    /// end does so instead.
    pub async fn release_job(
        &self,
        holder: &Leaseholder,
        request: ReleaseRequest,
    ) -> Result<(), WorkerError> {
        let head = self.head_of(holder.job()).await?;
        let read = self.step_of(holder.job()).await?;
        let ends = head.ends(self.parts.clock.now());
        if let Some(control) = ends
            && read.value().lease(holder.fence()).is_ok()
        {
            let closed = self.close(holder, read, control.outcome().into()).await?;
            given_back(request);
            let look = Look::Closed(closed, Box::new(head));
            return self.look(&holder.job().run, look).await;
        }
        let step = self.give_back(holder, request, &head, read).await?;
        given_back(request);
        // What can be claimed is sent by that, and what is to end is closed: somebody may have asked for it since.
        let given = step.value().clone();
        self.look(&holder.job().run, Look::Own(step)).await?;
        self.offer_later(&head, &given).await?;
        Ok(())
    }

    async fn give_back(
        &self,
        holder: &Leaseholder,
        request: ReleaseRequest,
        head: &RunHead,
        mut read: Versioned<StepAttempt>,
    ) -> Result<Versioned<StepAttempt>, WorkerError> {
        let ReleaseRequest { why, not_before } = request;
        loop {
            let now = self.parts.clock.now();
            let step = read.value().clone();
            let released = step.release(holder.fence(), (why, not_before), head.deadline(), now)?;
            let next = match released {
                StepReleased::Now(next) | StepReleased::GivenUp(next) => next,
                StepReleased::Before(_) => return Ok(read),
            };
            match self.swap_step(holder.job(), &read, next).await? {
                Ok(step) => return Ok(step),
                Err(newer) => read = newer,
            }
        }
    }

    /// A job that waits is in the queue, hidden until its time. One that waits for longer than the queue can hold it
    /// back is put there by the scheduler.
    async fn offer_later(&self, head: &RunHead, step: &StepAttempt) -> Result<(), AppError> {
        let Some(from) = step.not_before() else {
            return Ok(());
        };
        if from.duration_since(self.parts.clock.now()) > StepAttempt::LONGEST_DELAY {
            return Ok(());
        }
        Ok(self.parts.jobs.send_at(head, step.id(), from).await?)
    }
}

fn given_back(request: ReleaseRequest) {
    tracing::warn!(
        metric.JobsGivenBack = 1_u64,
        dimension.Why = ?request.why,
        "a daemon has given the job back"
    );
}
