//! What a daemon's token allows.

use contract::{Claim, JobRef, worker::ClaimRequest};
use domain::{Actor, DaemonId, Fence, JobId, Principal, Run};
use tracing::{Span, field::display};

use super::{Worker, WorkerError};
use crate::{Grant, run_log::record_span_ids};

/// A daemon at work under a lease, proven by its token.
#[derive(Debug)]
pub(super) struct Leaseholder {
    pub(super) actor: Actor,
    pub(super) job: JobRef,
    pub(super) fence: Fence,
}

impl Worker {
    /// The job that the token lets a daemon claim, which must be the job of the path. The message's token alone is
    /// not enough: agents might read the queue, so the claim has to be proven with the daemons' own key.
    pub(super) fn claimant(
        &self,
        token: &str,
        job: JobId,
        request: &ClaimRequest,
    ) -> Result<JobRef, WorkerError> {
        let now = self.parts.clock.now();
        let granted = match self.parts.tokens.verify(token, now)? {
            Grant::Claim { job: granted, .. } if granted.job == job => granted,
            Grant::Claim { .. } | Grant::Work { .. } => return Err(WorkerError::Unauthorized),
        };
        let claim = Claim {
            job,
            token,
            daemon: &request.daemon,
        };
        self.parts
            .daemons
            .check(claim, request.proof.as_ref(), now)?;
        Ok(granted)
    }

    /// The lease that the token lets its bearer work under, which must be for the job of the path.
    pub(super) fn leaseholder(&self, token: &str, job: JobId) -> Result<Leaseholder, WorkerError> {
        match self.parts.tokens.verify(token, self.parts.clock.now())? {
            Grant::Work {
                job: granted,
                fence,
                daemon,
                ..
            } if granted.job == job => {
                of_attempt(job, fence);
                Ok(Leaseholder {
                    actor: daemon_actor(&granted, daemon),
                    job: granted,
                    fence,
                })
            }
            Grant::Claim { .. } | Grant::Work { .. } => Err(WorkerError::Unauthorized),
        }
    }

    /// The run of a leaseholder, if its lease still is the newest.
    pub(super) async fn leased_run(&self, holder: &Leaseholder) -> Result<Run, WorkerError> {
        let run = self
            .parts
            .store
            .run(&holder.job.run)
            .await?
            .ok_or(WorkerError::NotFound)?;
        belongs(&run, &holder.job)?;
        run.step.job.lease(holder.fence)?;
        Ok(run)
    }
}

/// The actor that a daemon is while it works on a job: of the job's tenant, whatever it says itself.
pub(super) fn daemon_actor(job: &JobRef, daemon: DaemonId) -> Actor {
    Actor {
        tenant: job.run.ticket.tenant.clone(),
        principal: Principal::Daemon { daemon },
    }
}

/// Says that the current span is part of an attempt at a job, which is a span of the daemon.
pub(super) fn of_attempt(job: JobId, fence: Fence) {
    let attempt = format_args!("{job}/{}", fence.0);
    Span::current().record("otel.parent", display(attempt));
}

/// Whether a run is the one that the job belongs to.
pub(super) fn belongs(run: &Run, job: &JobRef) -> Result<(), WorkerError> {
    if run.step.job.id == job.job {
        record_span_ids(run);
        Ok(())
    } else {
        Err(WorkerError::NotFound)
    }
}
