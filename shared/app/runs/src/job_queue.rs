//! Puts a step's job into the queue.

use contract::{JobMessage, JobRef, Version};
use domain::{RunHead, SharedClock, StepRef};
use jiff::Timestamp;
use queues::{Queue, QueueError};

use crate::{Grant, TokenKeys};

/// Where jobs wait for daemons, each with the token to claim it.
#[derive(Clone, Debug)]
pub struct JobQueue {
    queue: Queue<JobMessage>,
    tokens: TokenKeys,
    clock: SharedClock,
}

impl JobQueue {
    /// The queue, and the keys that sign what its messages allow.
    pub const fn new(queue: Queue<JobMessage>, tokens: TokenKeys, clock: SharedClock) -> Self {
        Self {
            queue,
            tokens,
            clock,
        }
    }

    /// Sends the job of a step. Sending it twice is harmless: only one daemon can claim it. Tenant and repository are the
    /// message's group, so that many jobs of one repository do not hold up the few of another one.
    pub async fn send(&self, run: &RunHead, step: &StepRef) -> Result<(), QueueError> {
        self.send_at(run, step, self.clock.now()).await
    }

    /// Sends the job so that it comes into sight at `from`, which the queue takes at most 15 minutes ahead.
    pub async fn send_at(
        &self,
        run: &RunHead,
        step: &StepRef,
        from: Timestamp,
    ) -> Result<(), QueueError> {
        let job = JobRef {
            job: step.job(run.id()),
            run: run.key(),
            step: step.clone(),
        };
        let until = run.deadline().max(self.clock.now());
        let delay = from.duration_since(self.clock.now());
        let delay = delay.try_into().unwrap_or_default();
        let message = JobMessage {
            version: Version,
            job: job.job,
            trace: run.origin().trace().clone(),
            token: self.tokens.sign(&Grant::Claim { job, until }),
        };
        let (tenant, repository) = (run.subject().tenant(), run.target().repository());
        let group = format!("{tenant}.{}", repository.id);
        self.queue.send_later(&message, Some(&group), delay).await?;
        Ok(())
    }
}
