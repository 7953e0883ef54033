//! What a daemon's token allows.

use contract::{Claim, JobRef, log_fields, worker::ClaimRequest};
use domain::{DaemonId, Fence, JobId, RunHead, StepAttempt, TenantId};
use store::Versioned;
use tracing::{Span, field::display};

use super::{Worker, WorkerError};
use crate::{Grant, run_log::record_span_ids};

/// A daemon of this deployment that may claim one job, proven by the token of its message and by the daemons' own
/// key. Only [`Worker::claimant`] makes one.
#[derive(Debug)]
pub struct Claimant {
    job: JobRef,
    daemon: DaemonId,
}

impl Claimant {
    /// The job.
    pub(super) fn job(&self) -> &JobRef {
        &self.job
    }

    /// Who claims it.
    pub(super) fn daemon(&self) -> &DaemonId {
        &self.daemon
    }
}

/// A daemon that was given a lease on one job, proven by the lease's token. Whether the lease still is the newest,
/// the table says. Only [`Worker::leaseholder`] makes one.
#[derive(Debug)]
pub struct Leaseholder {
    job: JobRef,
    fence: Fence,
}

impl Leaseholder {
    /// The job.
    pub(super) fn job(&self) -> &JobRef {
        &self.job
    }

    /// The lease.
    pub(super) fn fence(&self) -> Fence {
        self.fence
    }

    /// The tenant whose job it is, whatever the daemon says.
    pub(super) fn tenant(&self) -> &TenantId {
        self.job.run.subject.tenant()
    }
}

impl Worker {
    /// The right to claim the job that the token is for, which must be the job of the path. The message's token
    /// alone is not enough: agents might read the queue, so the claim has to be proven with the daemons' own key.
    pub fn claimant(
        &self,
        token: &str,
        job: JobId,
        request: &ClaimRequest,
    ) -> Result<Claimant, WorkerError> {
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
        Ok(Claimant {
            job: granted,
            daemon: request.daemon.clone(),
        })
    }

    /// The lease that the token lets its bearer work under, which must be for the job of the path.
    pub fn leaseholder(&self, token: &str, job: JobId) -> Result<Leaseholder, WorkerError> {
        match self.parts.tokens.verify(token, self.parts.clock.now())? {
            Grant::Work {
                job: granted,
                fence,
                trace,
                ..
            } if granted.job == job => {
                of_attempt(job, fence);
                Span::current().record(log_fields::TRACE_ID, trace.as_str());
                Ok(Leaseholder {
                    job: granted,
                    fence,
                })
            }
            Grant::Claim { .. } | Grant::Work { .. } => Err(WorkerError::Unauthorized),
        }
    }

    /// The head of the run that a job belongs to.
    pub(super) async fn head_of(&self, job: &JobRef) -> Result<RunHead, WorkerError> {
        let head = self.parts.store.head(&job.run).await?;
        let head = head.ok_or(WorkerError::NotFound)?;
        if job.step.job(head.id()) != job.job {
            return Err(WorkerError::NotFound);
        }
        record_span_ids(&head);
        Ok(head)
    }

    /// The step that a job is for.
    pub(super) async fn step_of(
        &self,
        job: &JobRef,
    ) -> Result<Versioned<StepAttempt>, WorkerError> {
        let step = self.parts.store.step(&job.run, &job.step).await?;
        let step = step.filter(|step| step.value().job() == job.job);
        step.ok_or(WorkerError::NotFound)
    }

    /// The step of a leaseholder, if its lease still is the newest.
    pub(super) async fn leased_step(
        &self,
        holder: &Leaseholder,
    ) -> Result<Versioned<StepAttempt>, WorkerError> {
        let step = self.step_of(holder.job()).await?;
        step.value().lease(holder.fence)?;
        Ok(step)
    }
}

/// Says that the current span is part of an attempt at a job, which is a span of the daemon.
pub(super) fn of_attempt(job: JobId, fence: Fence) {
    let attempt = format_args!("{job}/{}", fence.0);
    Span::current().record("otel.parent", display(attempt));
}
