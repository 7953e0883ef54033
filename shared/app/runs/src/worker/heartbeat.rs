//! Extends a lease.

use contract::worker::{CancelReason, HeartbeatResponse};
use domain::{Control, Lease};

use super::{Leaseholder, Worker, WorkerError};

impl Worker {
    /// Extends the lease and says whether the work should stop.
    pub async fn heartbeat(&self, holder: &Leaseholder) -> Result<HeartbeatResponse, WorkerError> {
        let head = self.head_of(holder.job()).await?;
        let lease = self.extend(holder).await?;
        let cancel = head.ends(self.parts.clock.now());
        Ok(HeartbeatResponse {
            expires_at: lease.expires_at,
            cancel: cancel.map(|control| match control {
                Control::Stop(_) => CancelReason::Requested,
                Control::Deadline => CancelReason::Expired,
            }),
        })
    }

    async fn extend(&self, holder: &Leaseholder) -> Result<Lease, WorkerError> {
        let mut read = self.step_of(holder.job()).await?;
        loop {
            let now = self.parts.clock.now();
            let (lease, next) = read.value().clone().heartbeat(holder.fence(), now)?;
            let Some(next) = next else {
                return Ok(lease);
            };
            match self.swap_step(holder.job(), &read, next).await? {
                Ok(_) => return Ok(lease),
                Err(newer) => read = newer,
            }
        }
    }
}
