//! Seeing one job from its message to its end.

use std::{sync::Arc, time::Duration};

use contract::{JobMessage, log_fields, worker::ClaimResponse};
use domain::GiveBack;
use egress::WorkerError;
use queues::Received;
use tracing::{
    Instrument as _, Span,
    field::{Empty, display},
    info_span,
};

use super::{Daemon, Shutdown, attempt::AttemptEnd, so_far::SoFar};
use crate::{
    job::JobResult,
    lease::{LeaseKeeper, QueueReceipt, StopReason},
    unfit::Unfit,
    work_root::WorkRoot,
};

impl Daemon {
    /// Claims the job that a message brings, does it and tells its end.
    pub(super) async fn take(
        &self,
        received: Received<JobMessage>,
        work_root: &WorkRoot,
        shutdown: &Shutdown,
    ) -> Result<(), Unfit> {
        let received_at = self.clock.now();
        let message = match received.message {
            Ok(message) => message,
            Err(error) => {
                // It comes again until the queue puts it aside for the operator.
                tracing::error!(%error, message.id = received.id, "a message is not a job");
                return Ok(());
            }
        };
        let receipt = QueueReceipt {
            queue: self.jobs.clone(),
            handle: received.handle,
            received_at,
        };
        let span = self.span(&message, &received.id);
        let handled = async {
            tracing::info!(receives = received.receives, "a job is here");
            if let Err(unfit) = work_root.check() {
                // Nobody has it yet, so another daemon may have it at once.
                receipt.hide(Duration::ZERO).await;
                return Err(unfit);
            }
            match self
                .worker
                .claim(message.job, &message.token, &self.config.id, received_at)
                .await
            {
                Ok(claim) => {
                    self.work(&message, &claim, receipt, work_root, shutdown)
                        .await
                }
                Err(error) => {
                    refused(&error, &receipt).await;
                    Ok(())
                }
            }
        };
        Box::pin(handled.instrument(span)).await
    }

    /// The span of one receiving of a job. Every line of the work on it is within.
    fn span(&self, message: &JobMessage, id: &str) -> Span {
        info_span!(
            "job",
            message.id = id,
            trace.id = message.trace.as_str(),
            job.id = %message.job,
            run.id = Empty,
            daemon.id = %self.config.id,
            lease.fence = Empty,
            "error.type" = Empty,
            otel.kind = "consumer",
            otel.name = "process jobs",
            otel.key = Empty,
            otel.parent = telemetry::DELIVERY,
            messaging.system = "aws_sqs",
            "messaging.operation.type" = "process",
            messaging.operation.name = "process",
            messaging.destination.name = self.jobs.name(),
            messaging.message.id = id,
        )
    }

    async fn work(
        &self,
        message: &JobMessage,
        claim: &ClaimResponse,
        receipt: QueueReceipt,
        work_root: &WorkRoot,
        shutdown: &Shutdown,
    ) -> Result<(), Unfit> {
        let (job, grant) = (message.job, &claim.lease);
        let span = Span::current();
        span.record(log_fields::RUN_ID, display(claim.payload.run));
        span.record("lease.fence", grant.fence.0);
        // The worker function knows this name of the span too, and hangs its own there.
        span.record("otel.key", display(format_args!("{job}/{}", grant.fence.0)));
        tracing::info!(definition = %claim.payload.definition, "the job is ours");
        let lease = LeaseKeeper::new(self.worker.clone(), self.clock.clone(), job, grant, receipt);
        let lease = Arc::new(lease);
        let so_far = SoFar::default();
        let ending = self
            .attempt(claim, &lease, work_root, &so_far, shutdown)
            .await;
        let ended = match ending {
            AttemptEnd::Finished(report) => self.finish(&lease, so_far.ends(report)).await,
            AttemptEnd::Stopped(StopReason::Cancelled(reason)) => {
                self.finish(&lease, so_far.ends(JobResult::cancelled(reason)))
                    .await
            }
            AttemptEnd::Stopped(stop) => Err(stop),
            AttemptEnd::GivenBack(why, not_before) => {
                lease.give_back(why, not_before).await;
                return Ok(());
            }
            AttemptEnd::Unfit(unfit) => {
                tracing::error!(error = %unfit, "the job is given back, since this daemon cannot go on");
                lease.give_back(GiveBack::Environment, None).await;
                return Err(unfit);
            }
        };
        match ended {
            Ok(()) => tracing::info!("the job has ended"),
            Err(stop) => tracing::warn!(?stop, "the job is not ours any more"),
        }
        if !matches!(ended, Err(StopReason::Lost)) {
            lease.receipt().delete().await;
        }
        Ok(())
    }
}

async fn refused(error: &WorkerError, receipt: &QueueReceipt) {
    match error {
        WorkerError::JobFinished | WorkerError::Unauthorized | WorkerError::NotFound => {
            tracing::info!(%error, "the message is of no use any more");
            receipt.delete().await;
        }
        WorkerError::JobLeased => {
            // The holder is alive and has a message of its own. Left here, this copy would come back again and again,
            // until the queue puts it aside as if something were wrong. Should the holder be lost, the scheduler
            // queues the job anew.
            tracing::info!("somebody else has the job; this copy of its message goes");
            receipt.delete().await;
        }
        WorkerError::JobWaiting { retry_after } => {
            tracing::info!(%error, "nobody may have the job yet");
            receipt.hide(*retry_after).await;
        }
        _ => tracing::error!(%error, "the job could not be claimed; it comes again"),
    }
}
