//! Gives a job to a daemon.

use contract::{
    JobRef,
    worker::{ClaimResponse, JobPayload, LeaseGrant},
};
use domain::{Fence, ItemNumber, Lease, Login, Run, Task};
use jiff::SignedDuration;
use store::{Brief, Seen};

use super::{
    Claimant, Worker, WorkerError,
    authorize::{belongs, of_attempt},
};
use crate::{
    AppError, Grant,
    run_log::{self, WasFinished, seconds},
};

/// A lease's token outlives the run's deadline by this much, so that the end can still be told.
const AFTERWARDS: SignedDuration = SignedDuration::from_mins(10);

impl Worker {
    /// Gives the job to the daemon that asks, with everything needed to do it. Everything that can fail
    /// happens before the lease is given out, so that no lease is lost with an answer that never came.
    pub async fn claim_job(&self, claimant: &Claimant) -> Result<ClaimResponse, WorkerError> {
        let job = claimant.job();
        let seen = self
            .parts
            .store
            .see_run(&job.run)
            .await?
            .ok_or(WorkerError::NotFound)?;
        belongs(&seen.run, job)?;
        let brief = self
            .parts
            .store
            .brief(&job.run.subject, seen.run.id)
            .await?;
        let brief = brief.ok_or(AppError::Missing {
            what: "the run's brief",
        })?;
        let task = self.definition(seen.run.definition)?.task();
        let number = seen.run.subject.item().number();
        let number = number.map(ItemNumber).ok_or(AppError::Missing {
            what: "the number of the run's issue or pull request",
        })?;
        let bot = self.in_time(self.parts.code_host.committer()).await?;
        let (run, lease) = self.lease(claimant, seen).await?;
        Ok(ClaimResponse {
            lease: self.grant(job, &run, &lease),
            payload: payload(&run, number, task, brief, bot),
        })
    }

    async fn lease(&self, claimant: &Claimant, seen: Seen) -> Result<(Run, Lease), WorkerError> {
        let now = self.parts.clock.now();
        let before = WasFinished::of(&seen.run);
        let claim = |run: &mut Run| run.claim(claimant.daemon(), now);
        let (Seen { run, .. }, claimed) = self.parts.store.change_seen(seen, claim).await?;
        run_log::ended(&run, before);
        let lease = claimed.map_err(|refused| WorkerError::of_claim(&refused, now))?;
        of_attempt(claimant.job().job, lease.fence);
        tell(&run, &lease);
        Ok((run, lease))
    }

    fn grant(&self, job: &JobRef, run: &Run, lease: &Lease) -> LeaseGrant {
        let token = self.parts.tokens.sign(&Grant::Work {
            job: job.clone(),
            fence: lease.fence,
            daemon: lease.daemon.clone(),
            until: run.deadline + AFTERWARDS,
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

/// How long a job waited counts once for it, not for every attempt.
fn tell(run: &Run, lease: &Lease) {
    let waited = seconds(run.created_at, lease.claimed_at);
    let waited = (lease.fence == Fence(1)).then_some(waited);
    tracing::info!(
        daemon.id = %lease.daemon,
        lease.fence = lease.fence.0,
        metric.JobsClaimed = 1_u64,
        metric.QueueToClaimSeconds = waited,
        "a daemon has claimed the job"
    );
}

fn payload(run: &Run, number: ItemNumber, task: &Task, brief: Brief, bot: Login) -> JobPayload {
    JobPayload {
        run: run.id,
        definition: run.definition.name,
        task: task.into(),
        repository: run.target.repository().clone(),
        number,
        kind: run.subject.kind(),
        requester: run.origin.requester().handle().clone(),
        title: brief.title,
        body: brief.body,
        request: brief.request,
        comment: run.origin.message(),
        asked: Some(run.origin.asked().at()),
        revision: run.target.revision().cloned(),
        branch: run.branch(),
        bot,
        deadline: run.deadline,
        trace: run.origin.trace().clone(),
    }
}
