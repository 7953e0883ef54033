//! Gives a job to a daemon, if its run's head names the step and is not to end.

use contract::{
    JobRef,
    worker::{ClaimResponse, JobPayload, LeaseGrant},
};
use domain::{ClaimRefused, Claimed, Fence, ItemNumber, Lease, Login, RunHead, StepAttempt, Task};
use jiff::{SignedDuration, Timestamp};
use store::{Brief, Swap, Versioned};

use super::{Claimant, Worker, WorkerError, authorize::of_attempt};
use crate::{AppError, Grant, advance_run::Look, run_log::seconds};

/// A lease's token outlives the run's deadline by this much, so that the end can still be told.
const AFTERWARDS: SignedDuration = SignedDuration::from_mins(10);

impl Worker {
    /// Gives the job to the daemon that asks, with everything needed to do it. Everything that can fail
    /// happens before the lease is given out, so that no lease is lost with an answer that never came.
    pub async fn claim_job(&self, claimant: &Claimant) -> Result<ClaimResponse, WorkerError> {
        let job = claimant.job();
        let head = self.head_of(job).await?;
        if !head.wants(&job.step, self.parts.clock.now()) {
            return Err(self.unwanted(&head, job).await?);
        }
        let brief = self.parts.store.brief(&job.run.subject, head.id()).await?;
        let brief = brief.ok_or(AppError::Missing {
            what: "the run's brief",
        })?;
        let task = self.definition(head.definition())?.task();
        let number = head.subject().item().number();
        let number = number.map(ItemNumber).ok_or(AppError::Missing {
            what: "the number of the run's issue or pull request",
        })?;
        let bot = self.in_time(self.parts.code_host.committer()).await?;
        let lease = self.take_lease(claimant, &head).await?;
        Ok(ClaimResponse {
            lease: self.grant(job, &head, &lease),
            payload: payload(&head, number, task, brief, bot),
        })
    }

    /// Why a run gives its job to nobody. Whoever has closed the step, or seen the deadline pass, may be gone.
    async fn unwanted(&self, head: &RunHead, job: &JobRef) -> Result<WorkerError, WorkerError> {
        if head.finished().is_none() {
            self.look(&job.run, Look::Plain).await?;
        }
        let now = self.parts.clock.now();
        let step = self.parts.store.step(&job.run, &job.step).await?;
        let at_work = step.and_then(|step| still_held(step.value(), now));
        Ok(at_work.map_or(WorkerError::Finished, |refused| {
            WorkerError::of_claim(&refused, now)
        }))
    }

    /// One compare-and-swap of the step. One that is over makes its run advance.
    async fn take_lease(&self, claimant: &Claimant, head: &RunHead) -> Result<Lease, WorkerError> {
        let job = claimant.job();
        let mut read = self.step_of(job).await?;
        loop {
            let now = self.parts.clock.now();
            let claimed = read.value().clone().claim(claimant.daemon(), now);
            let swapped = match claimed {
                Claimed::Held(lease) => {
                    of_attempt(job.job, lease.fence);
                    return Ok(lease);
                }
                Claimed::Refused(ClaimRefused::Finished) => {
                    self.look(&job.run, Look::Own(read)).await?;
                    return Err(WorkerError::Finished);
                }
                Claimed::Refused(refused) => return Err(WorkerError::of_claim(&refused, now)),
                Claimed::Leased(next, lease) => match self.swap_step(job, &read, next).await? {
                    Ok(_) => {
                        of_attempt(job.job, lease.fence);
                        tell(head, &lease);
                        return Ok(lease);
                    }
                    Err(newer) => newer,
                },
                Claimed::GivenUp(next) => match self.swap_step(job, &read, next).await? {
                    Ok(over) => {
                        self.look(&job.run, Look::Own(over)).await?;
                        return Err(WorkerError::Finished);
                    }
                    Err(newer) => newer,
                },
            };
            read = swapped;
        }
    }

    /// Puts what the step has become; what is there instead if another one was quicker.
    pub(super) async fn swap_step(
        &self,
        job: &JobRef,
        read: &Versioned<StepAttempt>,
        next: StepAttempt,
    ) -> Result<Result<Versioned<StepAttempt>, Versioned<StepAttempt>>, WorkerError> {
        match self.parts.store.swap_step(&job.run, read, next).await? {
            Swap::Written(step) => Ok(Ok(step)),
            Swap::Newer(newer) => Ok(Err(newer)),
            Swap::Gone => Err(WorkerError::NotFound),
        }
    }

    fn grant(&self, job: &JobRef, head: &RunHead, lease: &Lease) -> LeaseGrant {
        let token = self.parts.tokens.sign(&Grant::Work {
            job: job.clone(),
            fence: lease.fence,
            daemon: lease.daemon.clone(),
            trace: head.origin().trace().clone(),
            until: head.deadline() + AFTERWARDS,
        });
        LeaseGrant {
            token,
            fence: lease.fence,
            expires_at: lease.expires_at,
            heartbeat_seconds: u32::try_from(self.parts.heartbeat_interval.as_secs())
                .unwrap_or(u32::MAX),
            events_millis: u32::try_from(self.parts.events_interval.as_millis())
                .unwrap_or(u32::MAX),
        }
    }
}

/// Why nobody else gets a step that is held.
fn still_held(step: &StepAttempt, now: Timestamp) -> Option<ClaimRefused> {
    let nobody = "nobody".parse().ok()?;
    match step.clone().claim(&nobody, now) {
        Claimed::Refused(refused @ ClaimRefused::Leased { .. }) => Some(refused),
        Claimed::Refused(refused @ ClaimRefused::Waiting { .. }) if step.not_before().is_none() => {
            Some(refused)
        }
        Claimed::Refused(_) | Claimed::Held(_) | Claimed::Leased(..) | Claimed::GivenUp(_) => None,
    }
}

/// How long a job waited counts once for it, not for every attempt.
fn tell(head: &RunHead, lease: &Lease) {
    let waited = seconds(head.created_at(), lease.claimed_at);
    let waited = (lease.fence == Fence(1)).then_some(waited);
    tracing::info!(
        daemon.id = %lease.daemon,
        lease.fence = lease.fence.0,
        metric.JobsClaimed = 1_u64,
        metric.QueueToClaimSeconds = waited,
        "a daemon has claimed the job"
    );
}

fn payload(
    head: &RunHead,
    number: ItemNumber,
    task: &Task,
    brief: Brief,
    bot: Login,
) -> JobPayload {
    let (subject, target, origin) = (head.subject(), head.target(), head.origin());
    JobPayload {
        run: head.id(),
        definition: head.definition().name,
        task: task.into(),
        repository: target.repository().clone(),
        number,
        kind: subject.kind(),
        requester: origin.requester().handle().clone(),
        title: brief.title,
        body: brief.body,
        request: brief.request,
        comment: origin.message(),
        asked: Some(origin.asked().at()),
        revision: target.revision().cloned(),
        branch: head.branch(),
        bot,
        deadline: head.deadline(),
        trace: origin.trace().clone(),
    }
}
