//! What is done with a step that is due: its job is sent again, or its run advances.

use domain::{RunHead, RunKey, StepAttempt, StepLook, StepRef};
use policy::Tick;
use store::{Swap, Versioned};

use crate::{AppError, Resumed, Runs, advance_run::Look, run_log::record_span_ids};

impl Runs {
    /// Judges a step that is due by its run's head and its own state. The time of the next look is written first: a job that
    /// could not be sent is due again then. That the run may run, its record says: nothing is put there but by permission.
    pub async fn resend_job(
        &self,
        _tick: &Tick,
        run: &RunKey,
        step: &StepRef,
    ) -> Result<Resumed, AppError> {
        let now = self.clock().now();
        let read = self.store().step(run, step).await?;
        // The index lags, so whether it really is due is decided on the step itself.
        let due =
            |read: &Versioned<StepAttempt>| read.value().due_at().is_some_and(|due| due <= now);
        let Some(read) = read.filter(due) else {
            return Ok(Resumed::NotDue);
        };
        let Some(head) = self.store().head(run).await? else {
            return Ok(Resumed::NotDue);
        };
        record_span_ids(&head);
        if head.names() != Some(step) {
            return self.abandon(&head, read).await;
        }
        if read.value().finished().is_some() || head.ends(now).is_some() {
            self.look(run, Look::Plain).await?;
            return self.put_off(run, read).await;
        }
        match read.value().clone().look(now) {
            StepLook::Send(next) => {
                if let Swap::Written(_) = self.store().swap_step(run, &read, next).await? {
                    self.jobs().send(&head, step).await?;
                    tracing::info!(
                        tenant.id = %head.subject().tenant(),
                        metric.SweepResumed = 1_u64,
                        dimension.What = "job",
                        "a job was sent again"
                    );
                    return Ok(Resumed::Resent);
                }
                Ok(Resumed::NotDue)
            }
            StepLook::Wait(next) => {
                self.store().swap_step(run, &read, next).await?;
                Ok(Resumed::Settled)
            }
            StepLook::GivenUp(next) => {
                if let Swap::Written(over) = self.store().swap_step(run, &read, next).await? {
                    self.look(run, Look::Own(over)).await?;
                }
                Ok(Resumed::Settled)
            }
            StepLook::Over => Ok(Resumed::NotDue),
        }
    }

    /// Takes the due time of a step that no head names: of an orphan, or of one that was counted. Only if the head is past
    /// the version on which it was prepared, since one may be about to name it.
    async fn abandon(
        &self,
        head: &RunHead,
        read: Versioned<StepAttempt>,
    ) -> Result<Resumed, AppError> {
        if head.version() <= read.value().basis() {
            return Ok(Resumed::NotDue);
        }
        let next = read.value().clone().abandoned();
        self.store().swap_step(&head.key(), &read, next).await?;
        Ok(Resumed::Settled)
    }

    /// A daemon may still be at work on a step that is to be closed, and hears of it.
    async fn put_off(
        &self,
        run: &RunKey,
        read: Versioned<StepAttempt>,
    ) -> Result<Resumed, AppError> {
        if let StepLook::Wait(next) = read.value().clone().look(self.clock().now()) {
            // Whoever has changed it since sees to its due time.
            self.store().swap_step(run, &read, next).await?;
        }
        Ok(Resumed::Settled)
    }
}
