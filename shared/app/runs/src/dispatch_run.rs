//! Queues the job of a run that was started.

use domain::{JobId, Requester, Run};

use crate::{AppError, Runs};

/// What became of a run that was to be queued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dispatched {
    /// Its job is in the queue.
    Queued(JobId),
    /// It had ended before.
    Finished,
    /// A person asked to stop after it was asked for.
    Stopped(Requester),
}

impl Runs {
    /// Queues the job of a run, unless somebody asked to stop after it was asked for: that may have happened
    /// before there was a run to stop.
    pub async fn dispatch_run(&self, run: &Run) -> Result<Dispatched, AppError> {
        if run.finished().is_some() {
            return Ok(Dispatched::Finished);
        }
        if let Some(stop) = self.store.stop(&run.subject.key()).await?
            && stop.covers(run.origin.asked())
        {
            self.stop_run(run, &stop).await?;
            return Ok(Dispatched::Stopped(stop.by));
        }
        self.jobs.send(run).await?;
        Ok(Dispatched::Queued(run.step.job.id))
    }
}
