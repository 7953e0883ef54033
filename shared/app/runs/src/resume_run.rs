//! What is done with heads, and with places where runs are told, that are due.

use domain::{RunHead, RunKey, TellLook, TrackingPlace};
use policy::Tick;

use crate::{AppError, Runs, advance_run::Look, run_log::record_span_ids};

/// What was done for something that was due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resumed {
    /// It is not due any more.
    NotDue,
    /// Its job was sent again.
    Resent,
    /// It was brought up to date otherwise.
    Settled,
}

impl Runs {
    /// Moves on a run whose head is due, or offers its end to the stream again. That the run may run, its record says:
    /// nothing is put there but by permission.
    pub async fn resume_run(&self, _tick: &Tick, key: &RunKey) -> Result<Resumed, AppError> {
        let now = self.clock().now();
        let due = |head: &RunHead| head.due_at().is_some_and(|due| due <= now);
        // The index lags, so whether it really is due is decided on the head itself.
        let Some(head) = self.store().head(key).await?.filter(due) else {
            return Ok(Resumed::NotDue);
        };
        record_span_ids(&head);
        match head.look_to_tell(now) {
            None => self.look(key, Look::Plain).await?,
            Some(TellLook::Again(next)) => {
                // Written, it is in the stream.
                self.store().move_head(&next).await?;
                tracing::info!(tenant.id = %head.subject().tenant(), "an end is offered to be told again");
            }
            Some(TellLook::GiveUp) => self.give_up_telling(&head).await?,
        }
        Ok(Resumed::Settled)
    }

    /// Offers a run to the stream that could not be told of before.
    pub async fn resume_telling(&self, _tick: &Tick, key: &RunKey) -> Result<Resumed, AppError> {
        let now = self.clock().now();
        let Some(read) = self.store().tracking_place(key).await? else {
            return Ok(Resumed::NotDue);
        };
        let due = read.value().due_at().is_some_and(|due| due <= now);
        match read.value().offered().filter(|_| due) {
            None => Ok(Resumed::NotDue),
            Some(next) => {
                let swap = self.store().swap_tracking_place(key, Some(&read), next);
                swap.await?;
                Ok(Resumed::Settled)
            }
        }
    }

    /// Nobody could be told for as long as makes sense.
    async fn give_up_telling(&self, head: &RunHead) -> Result<(), AppError> {
        let key = head.key();
        let read = self.store().tracking_place(&key).await?;
        let there = read.as_ref().map(|read| *read.value());
        if let Some(next) = TrackingPlace::unreachable(there) {
            let swap = self.store().swap_tracking_place(&key, read.as_ref(), next);
            swap.await?;
        }
        if let Some(settled) = head.all_told() {
            self.store().move_head(&settled).await?;
        }
        tracing::warn!(tenant.id = %head.subject().tenant(), "nobody could be told how a run ended");
        Ok(())
    }
}
