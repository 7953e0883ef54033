//! Extends a lease.

use contract::worker::{CancelReason, HeartbeatResponse};
use domain::Cancel;

use super::{Leaseholder, Worker, WorkerError};
use crate::run_log::record_span_ids;

impl Worker {
    /// Extends the lease and says whether the work should stop.
    pub async fn heartbeat(&self, holder: &Leaseholder) -> Result<HeartbeatResponse, WorkerError> {
        let now = self.parts.clock.now();
        let changed = self
            .parts
            .store
            .change_run(&holder.job().run, |run| run.heartbeat(holder.fence(), now))
            .await?;
        let (run, lease) = changed.ok_or(WorkerError::NotFound)?;
        record_span_ids(&run);
        let cancel = run.cancel.as_ref().map(|cancel| match cancel {
            Cancel::Requested { .. } => CancelReason::Requested,
            Cancel::Expired => CancelReason::Expired,
        });
        Ok(HeartbeatResponse {
            expires_at: lease?.expires_at,
            cancel,
        })
    }
}
