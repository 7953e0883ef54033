//! Puts a run's job into the queue.

use contract::{JobMessage, JobRef, Version};
use domain::{Run, SharedClock};
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

    /// Sends the job. Sending it twice is harmless: only one daemon can claim it. Tenant and repository are the
    /// message's group, so that many jobs of one repository do not hold up the few of another one.
    pub async fn send(&self, run: &Run) -> Result<(), QueueError> {
        self.send_at(run, self.clock.now()).await
    }

    /// Sends the job so that it comes into sight at `from`, which the queue takes at most 15 minutes ahead.
    pub async fn send_at(&self, run: &Run, from: Timestamp) -> Result<(), QueueError> {
        let job = JobRef {
            job: run.step.job.id,
            run: run.key(),
        };
        let until = run.deadline.max(self.clock.now());
        let delay = from.duration_since(self.clock.now());
        let delay = delay.try_into().unwrap_or_default();
        let token = self.tokens.sign(&Grant::Claim { job, until });
        let message = JobMessage {
            version: Version,
            job: run.step.job.id,
            trace: run.origin.trace().clone(),
            token,
        };
        let (tenant, repository) = (run.subject.tenant(), run.target.repository());
        let group = format!("{tenant}.{}", repository.id);
        self.queue.send_later(&message, Some(&group), delay).await?;
        Ok(())
    }
}
