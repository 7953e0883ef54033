//! Takes a job back from a daemon that cannot go on with it.

use contract::worker::ReleaseRequest;
use domain::{Released, Run};
use jiff::Timestamp;
use store::Seen;

use super::{Leaseholder, Worker, WorkerError, authorize::belongs};
use crate::{
    AppError,
    run_log::{self, WasFinished},
};

impl Worker {
    /// Ends the lease without an end of the job, and queues the job for another daemon. What is on record comes first:
    /// if the sending fails, the daemon says it again, or the scheduler finds the job within minutes.
    pub async fn release_job(
        &self,
        holder: &Leaseholder,
        request: ReleaseRequest,
    ) -> Result<(), WorkerError> {
        let seen = self
            .parts
            .store
            .see_run(&holder.job().run)
            .await?
            .ok_or(WorkerError::NotFound)?;
        belongs(&seen.run, holder.job())?;
        let before = WasFinished::of(&seen.run);
        let now = self.parts.clock.now();
        let ReleaseRequest { why, not_before } = request;
        let release = |run: &mut Run| run.release(holder.fence(), why, not_before, now);
        let (Seen { run, .. }, released) = self.parts.store.change_seen(seen, release).await?;
        let released = released?;
        run_log::ended(&run, before);
        tracing::warn!(
            metric.JobsGivenBack = 1_u64,
            dimension.Why = ?why,
            "a daemon has given the job back"
        );
        if let Released::Waits { not_before } = released {
            self.offer_again(&run, not_before.unwrap_or(now), now)
                .await?;
        }
        Ok(())
    }

    /// A job that waits for longer than the queue can hold it back is put there by the scheduler.
    async fn offer_again(
        &self,
        run: &Run,
        from: Timestamp,
        now: Timestamp,
    ) -> Result<(), AppError> {
        if from.duration_since(now) > Run::LONGEST_DELAY {
            return Ok(());
        }
        Ok(self.parts.jobs.send_at(run, from).await?)
    }
}
