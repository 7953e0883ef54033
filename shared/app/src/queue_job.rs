//! Puts a run's job into the queue.

use contract::{JobMessage, JobRef, Version};
use domain::{Run, SharedClock};
use queues::{Queue, QueueError};

use crate::{Grant, TokenKeys};

/// What queueing a job needs.
#[derive(Clone, Debug)]
pub(crate) struct JobQueue {
    pub(crate) queue: Queue<JobMessage>,
    pub(crate) tokens: TokenKeys,
    pub(crate) clock: SharedClock,
}

impl JobQueue {
    /// Sends the job. Sending it twice is harmless: only one daemon can claim it. The tenant is the message's
    /// group, so that one tenant's many jobs do not hold up another's few.
    pub(crate) async fn send(&self, run: &Run) -> Result<(), QueueError> {
        let job = JobRef {
            job: run.step.job.id,
            run: run.key(),
        };
        let until = run.deadline.max(self.clock.now());
        let token = self.tokens.sign(&Grant::Claim { job, until });
        let message = JobMessage {
            version: Version,
            job: run.step.job.id,
            trace: run.origin.trace.clone(),
            token,
        };
        self.queue
            .send(&message, Some(run.ticket.tenant.as_str()))
            .await?;
        Ok(())
    }
}
