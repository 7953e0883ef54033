//! Sets a run going again that has waited for too long.

use domain::{DueAction, Run, RunKey};
use policy::Tick;

use crate::{
    AppError, Runs,
    run_log::{self, WasFinished, record_span_ids},
};

/// What was done for a run that was due.
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
    /// Brings a run that is due up to date, and sends its job again if nobody is at work on it. The time of
    /// the next look is written first: a job that could not be sent is due again then. That the run may run, its
    /// record says: nothing is put there but by permission.
    pub async fn resume_run(&self, _tick: &Tick, key: &RunKey) -> Result<Resumed, AppError> {
        let now = self.clock.now();
        // The index lags, so whether the run really is due is decided on the run itself.
        let settle = |run: &mut Run| {
            let before = WasFinished::of(run);
            let due = run.due_at.is_some_and(|due| due <= now);
            due.then(|| (before, run.due(now)))
        };
        let Some((run, Some((before, action)))) = self.store.change_run(key, settle).await? else {
            return Ok(Resumed::NotDue);
        };
        record_span_ids(&run);
        run_log::ended(&run, before);
        match action {
            DueAction::Resend => {
                self.jobs.send(&run).await?;
                tracing::info!(
                    tenant.id = %run.subject.tenant(),
                    metric.SweepResumed = 1_u64,
                    dimension.What = "job",
                    "a job was sent again"
                );
                Ok(Resumed::Resent)
            }
            DueAction::Save => {
                tracing::info!(tenant.id = %run.subject.tenant(), state = ?run.state(), "a run was brought up to date");
                Ok(Resumed::Settled)
            }
        }
    }
}
