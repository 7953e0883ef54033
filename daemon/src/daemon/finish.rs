//! Telling the end of a job.

use contract::worker::FinishRequest;
use egress::WorkerError;
use tokio::time::sleep;

use super::{Daemon, LONGEST_PAUSE};
use crate::lease::{LeaseKeeper, StopReason};

impl Daemon {
    /// Tells the end until it is heard, as long as the lease may hold.
    pub(super) async fn finish(
        &self,
        lease: &LeaseKeeper,
        request: FinishRequest,
    ) -> Result<(), StopReason> {
        let telling = self.tell_end(lease, &request);
        let mut telling = std::pin::pin!(telling);
        loop {
            tokio::select! {
                told = telling.as_mut() => return told,
                stop = lease.keep() => match stop {
                    // The end is decided; a wish to stop comes too late.
                    StopReason::Cancelled(_) => {}
                    stop => return Err(stop),
                },
            }
        }
    }

    async fn tell_end(
        &self,
        lease: &LeaseKeeper,
        request: &FinishRequest,
    ) -> Result<(), StopReason> {
        let mut pause = self.config.pause;
        loop {
            match lease.finish(request).await {
                Ok(()) => return Ok(()),
                Err(error @ (WorkerError::Refused(_) | WorkerError::Misconfigured { .. })) => {
                    // Saying it again changes nothing; the lease runs out and the platform decides.
                    tracing::error!(%error, "the end of the job is not accepted");
                    return Err(StopReason::Lost);
                }
                Err(error) => lease.judge(&error)?,
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}
