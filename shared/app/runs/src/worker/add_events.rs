//! Stores progress events of a job.

use contract::worker::{EVENTS_LIMIT, EventsRequest};
use domain::ProgressEvent;
use store::EventBatch;

use super::{Leaseholder, Worker, WorkerError};
use crate::run_log::record_job_ids;

impl Worker {
    /// Stores progress events. The check of the lease and the write are two steps; a zombie that slips in between can
    /// only write under its own fence, which nobody reads any more.
    pub async fn add_events(
        &self,
        holder: &Leaseholder,
        request: EventsRequest,
    ) -> Result<(), WorkerError> {
        if request.events.is_empty() || request.events.len() > EVENTS_LIMIT {
            return Err(WorkerError::Invalid {
                what: "between 1 and 50 progress events at once",
            });
        }
        if request
            .events
            .iter()
            .any(|event| event.text.len() > ProgressEvent::TEXT_LIMIT)
        {
            return Err(WorkerError::Invalid {
                what: "the text of a progress event has at most 200 bytes",
            });
        }
        self.leased_step(holder).await?;
        record_job_ids(holder.tenant(), holder.job().job);
        let batch = EventBatch {
            run: holder.job().run.clone(),
            fence: holder.fence(),
            first: request.first,
            events: request.events,
        };
        self.parts
            .store
            .add_events(&batch, self.parts.clock.now())
            .await?;
        Ok(())
    }
}
